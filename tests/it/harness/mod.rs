//! What the tests stand on.

pub(crate) mod bodies;

pub(crate) mod events;

pub(crate) mod reference;

pub(crate) mod tree;
