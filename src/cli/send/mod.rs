//! `tidings send`: posts deliveries signed as Browser Use signs them.

mod options;

mod tell;

use std::process::ExitCode;

use anyhow::Context as _;
use anyhow::anyhow;
use clap::Args;
use jiff::Timestamp;
use url::Url;

use self::options::Single;
use self::tell::Told;
use super::Context;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::event::SignatureForm;
use crate::secret::Secret;
use crate::simulator::Answer;
use crate::simulator::Expected;
use crate::simulator::Scenario;
use crate::simulator::Sender;
use crate::simulator::Signed;
use crate::simulator::SignedRequest;
use crate::simulator::Signer;
use crate::simulator::Step;
use crate::simulator::Task;
use crate::simulator::TimeStyle;

/// Sends deliveries signed as Browser Use signs them, and prints the answers.
///
/// Without options it tells the receiver of the configuration that a made-up task has finished.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings send --status started --metadata team=marketing\n  \
                        tidings send --scenario unicode"
)]
pub(super) struct Send {
    /// Where to; else the first endpoint of the configuration.
    #[arg(long, value_name = "URL")]
    url: Option<Url>,

    /// The secret to sign with; else that of the configuration.
    #[arg(long, value_name = "S")]
    secret: Option<Secret>,

    /// What is signed: python, utf8, raw or payload.
    #[arg(long, value_name = "FORM", default_value_t = SignatureForm::Python)]
    form: SignatureForm,

    /// The header X-Browser-Use-Timestamp, whatever it says; else the present time.
    #[arg(long, value_name = "T")]
    timestamp: Option<String>,

    /// A whole story: lifecycle, retries, duplicates, out-of-order, stale, wrong-secret, unicode or
    /// drift. Exits 0 if the receiver answers each request as it should.
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "single",
        conflicts_with = "timestamp"
    )]
    scenario: Option<Scenario>,

    /// How often, each time with a task of its own.
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: u32,

    #[command(flatten)]
    single: Single,
}

impl Send {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let (url, secret) = self.target(context)?;
        let posting = Posting {
            sender: Sender::new(url.clone())?,
            signer: Signer {
                secret,
                form: self.form,
                time: TimeStyle::default(),
            },
            timestamp: self.timestamp.clone(),
        };
        let mut went_well = true;
        for _ in 0..self.count {
            let task = Task::new(SystemClock.now());
            let steps = match self.scenario {
                Some(scenario) => scenario.steps(&task),
                None => vec![self.single.step(&task)?],
            };
            let mut before = None;
            for step in steps {
                let request = posting.sign(&step, before.as_ref(), SystemClock.now())?;
                let answer = posting.sender.post(&request).await.with_context(|| {
                    format!("{url} does not answer: start it with `tidings serve`, or name another with --url")
                })?;
                let told = Told {
                    about: step.about,
                    as_expected: self.is_good(&answer, step.expected),
                    answer,
                };
                went_well &= told.as_expected;
                told.tell(context)?;
                before = Some(request);
            }
        }
        Ok(if went_well {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Where to send, and what to sign with.
    fn target(&self, context: &Context) -> anyhow::Result<(Url, Secret)> {
        if let (Some(url), Some(secret)) = (&self.url, &self.secret) {
            return Ok((url.clone(), secret.clone()));
        }
        let config = context.load()?.config;
        let endpoint = config
            .endpoints
            .first()
            .ok_or_else(|| anyhow!("the configuration has no endpoint: give --url and --secret"))?;
        let url = match &self.url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("http://{}{}", config.server.listen, endpoint.path))?,
        };
        let configured = || endpoint.secrets.first().map(|named| named.secret.clone());
        let secret = self.secret.clone().or_else(configured).ok_or_else(|| {
            anyhow!(
                "there is no secret to sign with: give --secret, or set BROWSER_USE_WEBHOOK_SECRET"
            )
        })?;
        Ok((url, secret))
    }

    /// Whether an answer is good. Outside a scenario any success is.
    fn is_good(&self, answer: &Answer, expected: Expected) -> bool {
        match expected {
            _ if self.scenario.is_none() => answer.is_success(),
            Expected::Stored => answer.is_success() && answer.duplicate == Some(false),
            Expected::Duplicate => answer.is_success() && answer.duplicate == Some(true),
            Expected::Refused => answer.status == 403,
        }
    }
}

/// Posts steps one after the other.
struct Posting {
    sender: Sender,
    signer: Signer,
    /// A header that was asked for word for word.
    timestamp: Option<String>,
}

impl Posting {
    fn sign(
        &self,
        step: &Step,
        before: Option<&SignedRequest>,
        now: Timestamp,
    ) -> anyhow::Result<SignedRequest> {
        let body = step.body.clone();
        let other = |secret: String| Signer {
            secret: secret.into(),
            ..self.signer.clone()
        };
        let secret = self.signer.secret.expose();
        let request = match (step.signed, before) {
            (Signed::AsBefore, Some(before)) => before.clone(),
            (Signed::Ago(age), _) => self.signer.sign_at(body, now.checked_sub(age)?)?,
            (Signed::WithAnotherSecret, _) => other(format!("not {secret}")).sign_at(body, now)?,
            (Signed::WithNewline, _) => other(format!("{secret}\n")).sign_at(body, now)?,
            (Signed::Now | Signed::AsBefore, _) => match &self.timestamp {
                Some(timestamp) => self.signer.sign(body, timestamp.clone())?,
                None => self.signer.sign_at(body, now)?,
            },
        };
        Ok(request)
    }
}
