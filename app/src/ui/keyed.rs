//! Lists whose items keep their elements while their data changes.

use std::{collections::BTreeMap, hash::Hash, ops::Range};

use leptos::prelude::*;

/// The items of a keyed list, each a signal of its own, in their order.
///
/// An item that was there before keeps its signal when the list is fetched anew, and hence its elements, the focus in
/// them and the menus that are open in them.
pub struct Keyed<T: 'static, K: 'static> {
    items: ArcRwSignal<Vec<ArcRwSignal<T>>>,
    key: fn(&T) -> K,
}

impl<T, K> Clone for Keyed<T, K> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone(), key: self.key }
    }
}

impl<T, K> Keyed<T, K>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Ord + Hash + 'static,
{
    /// A list that follows `source` until the present owner is cleaned up.
    #[must_use]
    pub fn following(source: impl Fn() -> Vec<T> + Send + Sync + 'static, key: fn(&T) -> K) -> Self {
        let items = untrack(&source).into_iter().map(ArcRwSignal::new).collect();
        let list = Self { items: ArcRwSignal::new(items), key };
        let follower = list.clone();
        Effect::new(move |_| follower.show(source()));
        list
    }

    /// Writes each item with `view`, in their order.
    #[must_use]
    pub fn each<V: IntoView + 'static>(
        &self,
        view: impl Fn(ArcRwSignal<T>) -> V + Clone + Send + 'static,
    ) -> AnyView {
        let (items, key) = (self.items.clone(), self.key);
        view! { <For each=move || items.get() key=move |item| item.with_untracked(key) children=view/> }
            .into_any()
    }

    /// Writes the items at the positions of `part`; `view` also gets the position of its item within the part.
    #[must_use]
    pub fn each_of<V: IntoView + 'static>(
        &self,
        part: Signal<Range<usize>>,
        view: impl Fn(ReadSignal<usize>, ArcRwSignal<T>) -> V + Clone + Send + 'static,
    ) -> AnyView {
        let (items, key) = (self.items.clone(), self.key);
        let each = move || {
            let items = items.get();
            let Range { start, end } = part.get();
            let end = end.min(items.len());
            items[start.min(end)..end].to_vec()
        };
        view! { <ForEnumerate each=each key=move |item| item.with_untracked(key) children=view/> }.into_any()
    }

    /// True where there is none, tracked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.with(Vec::is_empty)
    }

    /// Updates those of the items that are in the list. The order stays: nothing jumps away under the hand that
    /// reaches for it.
    pub fn patch<'a>(&self, changed: impl IntoIterator<Item = &'a T>) {
        let items = self.items.get_untracked();
        let by_key = self.by_key(&items);
        for item in changed {
            if let Some(signal) = by_key.get(&(self.key)(item)) {
                update(signal, item);
            }
        }
    }

    /// Takes a new list.
    fn show(&self, new: Vec<T>) {
        let before = self.items.get_untracked();
        let known = self.by_key(&before);
        let now: Vec<_> = new
            .into_iter()
            .map(|item| match known.get(&(self.key)(&item)) {
                Some(signal) => {
                    update(signal, &item);
                    (*signal).clone()
                }
                None => ArcRwSignal::new(item),
            })
            .collect();
        let keys = |items: &[ArcRwSignal<T>]| {
            items.iter().map(|item| item.with_untracked(self.key)).collect::<Vec<_>>()
        };
        if keys(&before) != keys(&now) {
            self.items.set(now);
        }
    }

    fn by_key<'a>(&self, items: &'a [ArcRwSignal<T>]) -> BTreeMap<K, &'a ArcRwSignal<T>> {
        items.iter().map(|item| (item.with_untracked(self.key), item)).collect()
    }
}

fn update<T: Clone + PartialEq + Send + Sync + 'static>(signal: &ArcRwSignal<T>, item: &T) {
    if signal.with_untracked(|shown| shown != item) {
        signal.set(item.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_item_that_was_there_when_the_list_is_new_then_it_keeps_its_signal() {
        let owner = Owner::new();
        owner.set();
        let list = Keyed {
            items: ArcRwSignal::new([(1, "a"), (2, "b")].map(ArcRwSignal::new).to_vec()),
            key: |item: &(i32, &str)| item.0,
        };
        let second = list.items.get_untracked()[1].clone();
        list.show(vec![(2, "c"), (3, "d")]);
        assert_eq!(second.get_untracked(), (2, "c"));
        let shown: Vec<_> = list.items.get_untracked().iter().map(GetUntracked::get_untracked).collect();
        assert_eq!(shown, [(2, "c"), (3, "d")]);
    }

    #[test]
    fn given_a_change_of_an_unknown_item_when_patched_then_only_known_ones_change() {
        let owner = Owner::new();
        owner.set();
        let list = Keyed {
            items: ArcRwSignal::new(vec![ArcRwSignal::new((1, "a"))]),
            key: |item: &(i32, &str)| item.0,
        };
        list.patch(&[(9, "x"), (1, "b")]);
        assert_eq!(list.items.get_untracked().len(), 1);
        assert_eq!(list.items.get_untracked()[0].get_untracked(), (1, "b"));
    }
}
