//! What the tests stand on.

pub(crate) mod bodies;

pub(crate) mod events;

pub(crate) mod office;

pub(crate) mod reference;

pub(crate) mod scripted;

pub(crate) mod tree;
