//! Canonical JSON, from bytes to bytes: what Browser Use signs.
//!
//! ```text
//! body ─▶ reader ─▶ python   what json.dumps(…, separators=(",", ":"), sort_keys=True) prints
//!              └──▶ utf8     what the vendor's npm package prints
//! ```
//!
//! The reader walks the body once and hands every string, number and key to a `Form`, which
//! prints it; no tree is built. A general JSON library cannot do this: it refuses lone surrogates,
//! numbers past a double or `NaN`, all of which Python reads and signs, and it prints floats in a
//! way of its own.
//!
//! Everything is bounded: see `Problem`.

mod document;

mod error;

mod form;

mod keys;

mod member;

mod members;

mod number;

mod python;

mod reader;

mod scan;

mod text;

mod utf8;

pub use self::document::Document;
pub use self::error::CanonicalError;
pub use self::error::Problem;
use self::form::Form;
pub use self::members::Member;
pub use self::members::Members;
pub use self::members::members;
use self::reader::rewrite;
pub use self::text::string;
pub use self::utf8::KeyOrder;
pub use self::utf8::utf8;
pub use self::utf8::utf8_ordered;

/// How deep arrays and objects may lie in each other. One level more is refused on sight.
pub const MAX_DEPTH: usize = 128;

/// How many digits an integer may have, as in Python. (A number with a fraction or an exponent
/// becomes a double, which is short however long it was written.)
pub const MAX_DIGITS: usize = 4_300;

/// How many keys all objects of a body may have together, repeated ones included.
pub const MAX_KEYS: usize = 100_000;
