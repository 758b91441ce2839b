//! `tidings cloud`, from the command through the gateway to a simulated cloud and back.

mod account;

mod files;

mod profiles;

mod scheduled;

mod search;

mod tasks;

mod trouble;

use std::sync::Arc;

use serde_json::Value;

use crate::harness::folder::Ended;
use crate::harness::folder::Folder;
use crate::harness::home::TOKEN;
use crate::harness::linked::Linked;

/// A server with its cloud, and somebody who types commands.
struct Stage {
    linked: Linked,
    desk: Arc<Folder>,
}

impl Stage {
    async fn set() -> Self {
        Self::with(r#"api_key = "a key""#).await
    }

    /// The same, with other keys in the server's `[cloud]`.
    async fn with(settings: &str) -> Self {
        Self {
            linked: Linked::with(settings).await,
            desk: Arc::new(Folder::new()),
        }
    }

    fn server(&self) -> String {
        format!("http://{}", self.linked.receiver.address())
    }

    /// Runs a command as it stands. The server answers meanwhile: it lives in this process.
    async fn types(&self, arguments: &[&str], input: &str) -> Ended {
        let desk = Arc::clone(&self.desk);
        let arguments: Vec<_> = arguments.iter().map(|part| (*part).to_owned()).collect();
        let input = input.to_owned();
        let typed = tokio::task::spawn_blocking(move || {
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            desk.run_with(&arguments, &input)
        });
        typed.await.expect("it does not panic")
    }

    /// Runs `tidings cloud` with an administrator's token.
    async fn runs(&self, arguments: &[&str]) -> Ended {
        self.runs_with(arguments, "").await
    }

    /// The same, with something on the standard input.
    async fn runs_with(&self, arguments: &[&str], input: &str) -> Ended {
        let server = self.server();
        let reached = ["--server", &server, "--token", TOKEN];
        let line = [&["cloud"], arguments, &reached].concat();
        self.types(&line, input).await
    }

    /// What a command prints that goes well, and that asks the cloud for this and nothing else.
    async fn prints(&mut self, arguments: &[&str], asks: &[&str]) -> String {
        self.linked.asked();
        let ended = self.runs(arguments).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        assert_eq!(self.linked.asked(), asks, "{arguments:?}");
        ended.out
    }

    /// The object that a command prints for programs.
    async fn tells(&mut self, arguments: &[&str], asks: &[&str]) -> Value {
        let printed = self.prints(&[arguments, &["--json"]].concat(), asks).await;
        serde_json::from_str(&printed).expect("a line of JSON")
    }

    /// What a command says that fails.
    async fn complains(&self, arguments: &[&str]) -> String {
        let ended = self.runs(arguments).await;
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:?}");
        assert_eq!(ended.out, "", "{arguments:?}");
        ended.err.replace(&self.server(), "http://server")
    }

    async fn leaves(self) {
        self.linked.receiver.stop_cleanly().await;
    }
}
