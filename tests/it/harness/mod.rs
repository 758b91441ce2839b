//! What the tests stand on.

pub(crate) mod bodies;

pub(crate) mod reference;

pub(crate) mod tree;
