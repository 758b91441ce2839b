//! Words for listings: which stretch of what there is.

/// In which direction a listing runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// Which stretch of a listing.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// In which direction.
    pub order: Order,
    /// Begin behind this row, in that direction.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// A stretch of a listing.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What was found. It may be less than asked for, even nothing, while `next` says there is
    /// more: a long search goes in steps.
    pub items: Vec<T>,
    /// Where to go on.
    pub next: Option<i64>,
}
