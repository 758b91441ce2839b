//! What programs see of the API.

mod changes;

mod listings;

mod scopes;

mod tokens;
