//! The commands on stage: a real server with a simulated cloud behind it, and the built program.

use std::sync::Arc;

use serde_json::Value;

use super::folder::Ended;
use super::folder::Folder;
use super::home::TOKEN;
use super::linked::Linked;

/// A server with its cloud, and somebody who types commands of one group.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) linked: Linked,
    pub(crate) desk: Arc<Folder>,
    group: &'static str,
}

impl Stage {
    /// A stage for the commands of this group: `cloud`.
    pub(crate) async fn of(group: &'static str) -> Self {
        Self::with(group, r#"api_key = "a key""#).await
    }

    /// The same, with other keys in the server's `[cloud]`.
    pub(crate) async fn with(group: &'static str, settings: &str) -> Self {
        Self {
            linked: Linked::with(settings).await,
            desk: Arc::new(Folder::new()),
            group,
        }
    }

    /// Where the server is.
    pub(crate) fn server(&self) -> String {
        format!("http://{}", self.linked.receiver.address())
    }

    /// Runs a command as it stands. The server answers meanwhile: it lives in this process.
    pub(crate) async fn types(&self, arguments: &[&str], input: &str) -> Ended {
        let desk = Arc::clone(&self.desk);
        let arguments: Vec<_> = arguments.iter().map(|part| (*part).to_owned()).collect();
        let input = input.to_owned();
        let typed = tokio::task::spawn_blocking(move || {
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            desk.run_with(&arguments, &input)
        });
        typed.await.expect("it does not panic")
    }

    /// Runs a command of the group with an administrator's token.
    pub(crate) async fn runs(&self, arguments: &[&str]) -> Ended {
        self.runs_with(arguments, "").await
    }

    /// The same, with something on the standard input.
    pub(crate) async fn runs_with(&self, arguments: &[&str], input: &str) -> Ended {
        let server = self.server();
        let reached = ["--server", &server, "--token", TOKEN];
        let line = [&[self.group], arguments, &reached].concat();
        self.types(&line, input).await
    }

    /// What a command prints that goes well, and that asks the cloud for this and nothing else.
    pub(crate) async fn prints(&mut self, arguments: &[&str], asks: &[&str]) -> String {
        self.linked.asked();
        let ended = self.runs(arguments).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        assert_eq!(self.linked.asked(), asks, "{arguments:?}");
        ended.out
    }

    /// The object that a command prints for programs.
    pub(crate) async fn tells(&mut self, arguments: &[&str], asks: &[&str]) -> Value {
        let printed = self.prints(&[arguments, &["--json"]].concat(), asks).await;
        serde_json::from_str(&printed).expect("a line of JSON")
    }

    /// What a command says that fails.
    pub(crate) async fn complains(&self, arguments: &[&str]) -> String {
        self.says(arguments, 1).await
    }

    /// What a command says that cannot be run as it was typed.
    pub(crate) async fn objects(&self, arguments: &[&str]) -> String {
        self.says(arguments, 2).await
    }

    async fn says(&self, arguments: &[&str], code: i32) -> String {
        let ended = self.runs(arguments).await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        assert_eq!(ended.out, "", "{arguments:?}");
        ended.err.replace(&self.server(), "http://server")
    }

    /// Ends it all, and holds that the server said nothing unexpected.
    pub(crate) async fn leaves(self) {
        self.linked.receiver.stop_cleanly().await;
    }
}
