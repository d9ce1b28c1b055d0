//! The saved views, behind their contract: each is checked as the table would check it, and noted in the activity.

mod store;

use std::sync::Arc;

use async_trait::async_trait;
use weir_app::{
    access::Principal,
    queues::{
        api::{QueueQuery, Queues},
        columns,
    },
    views::api::Views,
};
use weir_model::{ActionVerb, Problem, ProblemKind, SavedView, Timestamp, ViewQuery};

pub use self::store::ViewStore;
use crate::{
    audit::{ActionLog, Ending, Intent},
    history::StoreError,
};

/// Letters of a name at most.
const LONGEST_NAME: usize = 60;
/// Views at most: they stand in a row above the table.
const MOST_VIEWS: u64 = 100;

/// Views in the database.
pub struct ViewsService {
    store: ViewStore,
    queues: Arc<dyn Queues>,
    actions: ActionLog,
}

impl ViewsService {
    #[must_use]
    pub fn new(store: ViewStore, queues: Arc<dyn Queues>, actions: ActionLog) -> Self {
        Self { store, queues, actions }
    }

    /// What the table would refuse is refused now, and not when somebody opens the view.
    fn check(&self, query: &ViewQuery) -> Result<(), Problem> {
        columns::chosen(query.columns.as_deref())?;
        let ViewQuery { broker, kind, q, sort, order, columns } = query.clone();
        let query = QueueQuery { broker, kind, q, sort, order, columns, limit: Some(1), cursor: None };
        self.queues.table(&query).map(drop)
    }
}

#[async_trait]
impl Views for ViewsService {
    async fn views(&self) -> Result<Vec<SavedView>, Problem> {
        self.store.all().await.map_err(unavailable)
    }

    async fn save(
        &self,
        who: &Principal,
        name: &str,
        query: &ViewQuery,
        overwrite: bool,
    ) -> Result<SavedView, Problem> {
        let name = checked_name(name)?;
        self.check(query)?;
        let known = self.views().await?;
        let is_taken = known.iter().any(|view| view.name.eq_ignore_ascii_case(name));
        if !is_taken && known.len() as u64 >= MOST_VIEWS {
            return Err(Problem::conflict(format!("there are {MOST_VIEWS} views: delete one first")));
        }
        if is_taken && !overwrite {
            return Err(taken(name));
        }
        let (saved_at, saved_by) = (Timestamp::now(), who.name.clone());
        let view = SavedView { name: name.to_owned(), query: query.clone(), saved_at, saved_by };
        let verb = if is_taken { "overwrite" } else { "save" };
        let text = format!("{verb} the view \"{name}\"");
        let store = self.store.clone();
        let act = async move {
            // Another may have saved one of this name meanwhile.
            if store.put(&view, overwrite).await.map_err(unavailable)? {
                Ok(view)
            } else {
                Err(taken(&view.name))
            }
        };
        let ended = |view: &SavedView| Ending::done(format!("the view \"{}\" is kept", view.name));
        self.actions.perform(intent(who, ActionVerb::SaveView, text), act, ended).await
    }

    async fn delete(&self, who: &Principal, name: &str) -> Result<(), Problem> {
        let missing = |name: &str| Problem::not_found(format!("there is no view \"{name}\""));
        if !self.views().await?.iter().any(|view| view.name.eq_ignore_ascii_case(name)) {
            return Err(missing(name));
        }
        let (store, name) = (self.store.clone(), name.to_owned());
        let text = format!("delete the view \"{name}\"");
        let act = async move {
            if store.remove(&name).await.map_err(unavailable)? { Ok(()) } else { Err(missing(&name)) }
        };
        let ended = |(): &()| Ending::done("the view is gone".to_owned());
        self.actions.perform(intent(who, ActionVerb::DeleteView, text), act, ended).await
    }
}

/// A view is of no broker.
fn intent(who: &Principal, verb: ActionVerb, text: String) -> Intent {
    Intent {
        actor: who.name.clone(),
        verb,
        broker: String::new(),
        queue: None,
        text,
        reason: None,
        copy: None,
    }
}

fn checked_name(name: &str) -> Result<&str, Problem> {
    let wrong = |why: &str| Problem::field("name", why);
    let name = name.trim();
    if name.is_empty() {
        return Err(wrong("it is empty: give the view a name"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(wrong(&format!("it is longer than {LONGEST_NAME} characters: give a shorter one")));
    }
    if name.chars().any(char::is_control) {
        return Err(wrong("it holds a control character: use letters, digits, spaces and signs"));
    }
    Ok(name)
}

fn taken(name: &str) -> Problem {
    Problem::conflict(format!("there is a view \"{name}\" already: overwrite it, or give another name"))
}

fn unavailable(error: StoreError) -> Problem {
    tracing::error!(%error, "the saved views can't be used");
    Problem::new(ProblemKind::Unavailable, "the saved views can't be used now; try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_when_checked_then_what_can_t_be_shown_in_a_row_is_refused() {
        assert_eq!(checked_name("  Growing, <b> "), Ok("Growing, <b>"));
        for bad in ["", "   ", "a\nb", &"x".repeat(61)] {
            assert_eq!(checked_name(bad).map_err(|p| p.errors[0].field.clone()), Err("name".to_owned()));
        }
    }
}
