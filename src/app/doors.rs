//! Which port answers what.

use tokio::net::TcpListener;

use super::Listeners;
use super::Role;
use crate::http::Router;

/// What can be asked of this process.
#[derive(Debug)]
pub(super) struct Doors {
    /// The paths of the endpoints.
    pub(super) receiving: Router,
    /// The API, health included.
    pub(super) api: Router,
    /// Health alone.
    pub(super) health: Router,
}

impl Doors {
    /// Each listener with what it answers. Where operators have a port of their own, the public one
    /// still tells its health: whoever balances webhooks asks where the webhooks go.
    ///
    /// What is left over is dropped here, because it holds on to sinks that must end.
    pub(super) fn open(self, listeners: Listeners, role: Role) -> Vec<(TcpListener, Router)> {
        let receiving = match role {
            Role::All | Role::Receive => self.receiving,
            Role::Deliver => Router::new(),
        };
        match listeners.admin {
            None => vec![(listeners.public, receiving.merge(self.api))],
            Some(admin) => vec![
                (listeners.public, receiving.merge(self.health)),
                (admin, self.api),
            ],
        }
    }
}
