//! `docs/bad-input.md` names the test of each line: none of them may be gone.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

/// The text of all tests below a folder.
fn tests_in(folder: &Path, text: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "node_modules" {
            tests_in(&path, text)?;
        } else if name.ends_with(".rs") || name.ends_with(".test.mjs") {
            text.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[test]
fn given_the_catalogue_of_bad_input_when_its_tests_are_looked_for_then_all_are_there() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut all = String::new();
    for folder in ["tests/tests", "tests/browser", "server/src", "app"] {
        tests_in(&root.join(folder), &mut all)?;
    }
    let document = fs::read_to_string(root.join("docs/bad-input.md"))?;
    for line in document.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| input ")) {
        let tests = line.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let tests: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        ensure!(!tests.is_empty(), "no test: {line}");
        for test in tests {
            let there =
                [format!("fn {test}("), format!("fn {test}<"), format!("(\"{test}\""), format!("`{test}`")];
            ensure!(there.iter().any(|words| all.contains(words)), "there is no test {test}");
        }
    }
    Ok(())
}
