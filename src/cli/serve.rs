//! `tidings serve`: receives, keeps and delivers.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use clap::ValueEnum;
use tokio_util::task::TaskTracker;
use tracing::info;
use tracing::warn;

use super::Context;
use crate::app;
use crate::app::App;
use crate::app::Listeners;
use crate::clock::SystemClock;
use crate::config::Loaded;
use crate::config::Mode;
use crate::open_files;
use crate::period;
use crate::shutdown;
use crate::shutdown::Shutdown;
use crate::telemetry;

/// Runs Tidings: receives webhooks, keeps them and delivers them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings serve --config tidings.toml")]
pub(super) struct Serve {
    /// Ask the Cloud API instead of waiting for webhooks, as `mode = "poll"` does.
    #[arg(long)]
    poll: bool,

    /// What this process does.
    #[arg(long, value_enum, default_value_t)]
    role: Role,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Role {
    /// It receives and delivers.
    #[default]
    All,
    /// It receives only.
    Receive,
    /// It delivers only.
    Deliver,
}

impl Serve {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let mut loaded = context.load()?;
        if self.poll {
            loaded.config.mode = Mode::Poll;
        }
        telemetry::start(&loaded.config.log.filter, loaded.config.log.format)?;
        Self::say_what_is_in_force(&loaded);
        see_to_open_files(loaded.config.server.max_connections);

        let shutdown = Shutdown::new();
        let signals = TaskTracker::new();
        signals.spawn(shutdown::obey_signals(shutdown.clone())?);

        let listeners = Listeners::bind(&loaded.config.server).await?;
        let waits = loaded
            .config
            .endpoints
            .iter()
            .map(|endpoint| endpoint.path.clone())
            .collect::<Vec<_>>();
        let polls =
            (loaded.config.mode == Mode::Poll).then_some(loaded.config.reconcile.poll_every);
        let app = App::build(loaded.config, Arc::new(SystemClock)).await?;
        let (public, admin) = (listeners.public_address()?, listeners.admin_address()?);
        info!(
            server.address = %public,
            "Listening on http://{public} for webhooks at {}", waits.join(", ")
        );
        if let Some(every) = polls {
            info!(
                "Asking Browser Use every {} instead of waiting for webhooks",
                period::text(every)
            );
        }
        if admin != public {
            info!(server.address = %admin, "The API is at http://{admin}");
        }
        app.serve(listeners, self.role.into(), shutdown).await?;
        Ok(ExitCode::SUCCESS)
    }

    fn say_what_is_in_force(loaded: &Loaded) {
        let source = loaded.file.as_ref().map_or_else(
            || "the defaults and the environment; there is no file".to_owned(),
            |file| file.display().to_string(),
        );
        info!("Configured by {source}");
        for remark in loaded.remarks() {
            warn!("{remark}");
        }
    }
}

/// Sees to it that there can be as many connections as the configuration allows.
fn see_to_open_files(max_connections: usize) {
    let limit = open_files::raise_limit();
    if limit.is_some_and(|limit| usize::try_from(limit).is_ok_and(|it| it <= max_connections)) {
        warn!(
            open_files.limit = limit,
            "`server.max_connections` is {max_connections}, and the system lets us have fewer open: \
             raise the hard limit (`LimitNOFILE` of systemd, `ulimit -Hn`), or allow fewer"
        );
    }
}

impl From<Role> for app::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::All => Self::All,
            Role::Receive => Self::Receive,
            Role::Deliver => Self::Deliver,
        }
    }
}
