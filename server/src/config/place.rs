//! Where values come from: the text of a file with its lines, and the environment.

use std::{collections::BTreeMap, env, ops::Range, path::PathBuf};

use super::error::Fault;

/// Variables that a config may name.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process that are text.
    #[must_use]
    pub fn of_process() -> Self {
        Self(
            env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
        )
    }

    /// These variables alone, for tests.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    /// The value, unless it is not set or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// The folder that the XDG rules name: the variable, else `below` in the home folder.
    #[must_use]
    pub fn folder(&self, variable: &str, below: &str) -> Option<PathBuf> {
        // The rules say that a relative path there is to be ignored.
        let named = self.get(variable).map(PathBuf::from).filter(|p| p.is_absolute());
        named.or_else(|| Some(PathBuf::from(self.get("HOME")?).join(below)))
    }

    /// Puts variables in the place of `${NAME}`; a `$` without a brace stands for itself.
    pub(super) fn expand(&self, text: &str) -> Result<String, Fault> {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').ok_or_else(|| {
                Fault::new("${ has no closing brace", "write ${NAME}, or give the value another way")
            })?;
            let value = self.0.get(name).ok_or_else(|| {
                let problem = format!("the environment variable {name} is not set");
                Fault::new(problem, "set it, or use password_file")
            })?;
            expanded.push_str(before);
            expanded.push_str(value);
            rest = behind;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }
}

/// A config file's text, to tell the line of what is wrong.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub path: PathBuf,
    pub text: String,
}

impl Source {
    /// `weir.toml:12`.
    pub(super) fn place(&self, span: Option<Range<usize>>) -> String {
        let name = self.path.display();
        match span {
            Some(span) => {
                let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
                format!("{name}:{}", 1 + before.iter().filter(|b| **b == b'\n').count())
            }
            None => name.to_string(),
        }
    }

    /// The key on the line of `span`.
    pub(super) fn key_at(&self, span: Option<Range<usize>>) -> Option<String> {
        let start = span?.start.min(self.text.len());
        let line_start = self.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let key = self.text.get(line_start..)?.lines().next()?.split('=').next()?.trim().trim_matches('"');
        let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        (!key.is_empty() && key.chars().all(is_key)).then(|| key.to_owned())
    }

    /// A path of the file, taken from the folder that the file stands in.
    pub(super) fn beside(&self, path: &std::path::Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }
}
