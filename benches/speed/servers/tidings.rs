//! The real thing: the `tidings` binary with its default settings, on a folder of its own.

use std::fs;
use std::fs::File;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use anyhow::bail;
use tokio::process::Command;
use tokio::time::sleep;

use crate::SECRET;
use crate::TOKEN;
use crate::connection::Connection;
use crate::process::Server;

/// How long it may take until it is ready.
const READY: Duration = Duration::from_mins(1);

/// How often to ask.
const ASK_EVERY: Duration = Duration::from_millis(2);

/// Starts it on `folder` with the sinks that `sinks` writes down in TOML, and waits until it is
/// ready.
pub(crate) async fn start(folder: &Path, sinks: &str) -> anyhow::Result<Server> {
    start_with(folder, "", sinks).await
}

/// The same, with more keys of its `[server]`.
pub(crate) async fn start_with(
    folder: &Path,
    server_keys: &str,
    sinks: &str,
) -> anyhow::Result<Server> {
    let address = free_address()?;
    let config = folder.join("tidings.toml");
    fs::write(
        &config,
        format!(
            "[server]\nlisten = \"{address}\"\n{server_keys}[store]\nurl = \"sqlite:{}\"\n[[endpoint]]\n\
             name = \"default\"\nsecrets = [\"{SECRET}\"]\n{sinks}",
            folder.join(crate::database::FILE).display(),
        ),
    )?;
    let log = File::create(folder.join("log"))?;
    let child = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .arg("serve")
        .arg("--config")
        .arg(&config)
        .current_dir(folder)
        .env_clear()
        .env("TIDINGS_API_TOKEN", TOKEN)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()?;
    let mut server = Server::known(child, address);
    if let Err(error) = ready(&mut server).await {
        let said = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("tidings {error}; it said:\n{said}");
    }
    Ok(server)
}

/// A file sink, in the configuration's words. A file takes lines in groups, and the group is as
/// large as what may be under way.
pub(crate) fn file_sink(path: &Path) -> String {
    format!(
        "[[sink]]\nname = \"{}\"\ntype = \"file\"\npath = \"{}\"\nconcurrency = 256\n",
        crate::SINK,
        path.display(),
    )
}

/// An HTTP sink, in the configuration's words.
pub(crate) fn http_sink(url: &str, concurrency: usize) -> String {
    http_sink_called(crate::SINK, url, concurrency)
}

/// The same, with a name of its own.
pub(crate) fn http_sink_called(name: &str, url: &str, concurrency: usize) -> String {
    format!(
        "[[sink]]\nname = \"{name}\"\ntype = \"http\"\nurl = \"{url}\"\nallow_private = true\n\
         concurrency = {concurrency}\n",
    )
}

async fn ready(server: &mut Server) -> anyhow::Result<()> {
    let ends = Instant::now() + READY;
    while Instant::now() < ends {
        if let Some(status) = server.has_ended()? {
            bail!("ended with {status}");
        }
        if let Ok(mut connection) = Connection::open(server.address).await
            && let Ok(answer) = connection.get("/readyz").await
            && answer.status == 200
        {
            return Ok(());
        }
        sleep(ASK_EVERY).await;
    }
    bail!("was not ready after {READY:?}");
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
