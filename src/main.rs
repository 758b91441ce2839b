//! The door: parse the command line, run it, say how it went.

fn main() {}
