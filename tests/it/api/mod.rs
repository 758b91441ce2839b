//! What programs see of the API.

mod changes;

mod listings;

mod looking;

mod scopes;

mod tokens;
