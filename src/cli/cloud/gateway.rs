//! Browser Use's API as a running server passes it on.

use std::time::Duration;

use anyhow::anyhow;
use reqwest::StatusCode;

use crate::cli::Context;
use crate::cli::arguments::WrongUsage;
use crate::cli::client;
use crate::cloud::Client;
use crate::cloud::CloudError;
use crate::cloud::Patience;
use crate::cloud::Settings;
use crate::cloud::Trouble;
use crate::cloud::v1::V1;
use crate::cloud::v2::V2;
use crate::cloud::v3::V3;
use crate::cloud::v4::V4;
use crate::rate::Rate;

/// How long an answer may take: at the server it waits for its turn with Browser Use.
const TIMEOUT: Duration = Duration::from_mins(2);

/// A running server, by whose gateway the API is reached. To the client it is the API, and the
/// server's token is the key.
pub(super) struct Gateway {
    server: client::Client,
    cloud: Client,
}

impl Gateway {
    /// The server that the command line names, once it is there.
    pub(super) async fn open(context: &Context) -> anyhow::Result<Self> {
        let server = client::Client::new(context)?;
        // The client would take a server that is not there for Browser Use being down.
        server.ready().await?;
        let cloud = Client::new(Settings {
            api_key: server.token.clone(),
            base_url: server.url(&["cloud"])?,
            versions: Vec::new(),
            // The server holds back what is too much for Browser Use.
            rate: Rate::per_second(1_000),
            patience: Patience {
                timeout: TIMEOUT,
                ..Patience::default()
            },
        })?;
        Ok(Self { server, cloud })
    }

    pub(super) fn v1(&self) -> V1<'_> {
        self.cloud.v1()
    }

    pub(super) fn v2(&self) -> V2<'_> {
        self.cloud.v2()
    }

    pub(super) fn v3(&self) -> V3<'_> {
        self.cloud.v3()
    }

    pub(super) fn v4(&self) -> V4<'_> {
        self.cloud.v4()
    }

    /// Tells apart what is wrong here, at the server, and at Browser Use.
    pub(super) fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let error = match error.downcast::<CloudError>() {
            Ok(error) => error,
            Err(other) => return other,
        };
        let server = self.server.server.as_str().trim_end_matches('/');
        let through = format!("through {server}");
        match &error.trouble {
            Trouble::OutOfLimits(_) => WrongUsage(error.to_string()).into(),
            // What the client calls the key is the token.
            Trouble::NoKey => self.server.lacks_token(),
            Trouble::Gateway { status, said } => match StatusCode::from_u16(*status) {
                Ok(status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) => {
                    self.server.refused(status, said)
                }
                _ => anyhow!("{said}").context(through),
            },
            _ => anyhow::Error::from(error).context(through),
        }
    }
}
