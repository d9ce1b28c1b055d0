//! The words of the views and forms above the table.

pub(super) const COLUMNS: &str = "Columns";
pub(super) const SHOW: &str = "Show these";
pub(super) const ALL: &str = "All columns";
pub(super) const REMEMBERED: &str = "Remembered in this browser, and in the address.";
pub(super) const VIEWS: &str = "Views";
pub(super) const SAVE_AS: &str = "Save this filter, sorting and columns as";
pub(super) const SAVE: &str = "Save";
pub(super) const SHARED: &str = "Everyone who uses this Weir sees it.";
pub(super) const DELETE: &str = "Delete";
pub(super) const DELETE_FOR_ALL: &str = "Delete for everyone";
pub(super) const CANCEL: &str = "Cancel";
pub(super) const CSV: &str = "CSV";
pub(super) const CSV_TITLE: &str = "All rows of this filter, in this order, as a table in CSV";

/// Goes on from "Delete", for who reads by ear.
pub(super) fn the_view(name: &str) -> String {
    format!(" the view {name}")
}

pub(super) fn delete_for_all(name: &str) -> String {
    format!("{DELETE_FOR_ALL}: {name}")
}

pub(super) fn overwrite(name: &str) -> String {
    format!("Overwrite “{name}”")
}
