//! `tidings verify`: is this delivery genuine, and if not, what would have matched?

use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use jiff::SignedDuration;
use owo_colors::OwoColorize as _;
use serde_json::json;

use super::Context;
use super::input;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::event::NewEvent;
use crate::event::SignatureForm;
use crate::event::view;
use crate::ingest::claim::SignedHeaders;
use crate::ingest::diagnosis;
use crate::ingest::diagnosis::Diagnosis;
use crate::ingest::payload;
use crate::ingest::refusal::Refusal;
use crate::ingest::signature;
use crate::ingest::signature::Policy;
use crate::name::EndpointName;
use crate::period;
use crate::secret::NamedSecret;
use crate::secret::Secret;

/// Says whether a delivery is genuine, and if not, what would have matched.
///
/// Give it the body exactly as it came, and both headers.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings verify --secret \"$SECRET\" --timestamp 1748164942 \\\n    \
                  --signature 697680af767b9c94… body.json"
)]
pub(super) struct Verify {
    /// The webhook's secret; several times while rotating.
    #[arg(
        long = "secret",
        value_name = "S",
        required = true,
        env = "BROWSER_USE_WEBHOOK_SECRET",
        hide_env_values = true
    )]
    secrets: Vec<Secret>,

    /// The header X-Browser-Use-Timestamp, as it came.
    #[arg(long, value_name = "T")]
    timestamp: String,

    /// The header X-Browser-Use-Signature, as it came.
    #[arg(long, value_name = "X")]
    signature: String,

    /// A form that may have been signed: python, utf8, raw, payload; several times for several.
    #[arg(long = "form", value_name = "FORM", default_values_t = SignatureForm::WHOLE_BODY)]
    forms: Vec<SignatureForm>,

    /// How old the signature may be.
    #[arg(long, value_name = "TIME", value_parser = period::parse, default_value = "3d")]
    max_age: Duration,

    /// The endpoint that it came to: part of the event's id.
    #[arg(long, value_name = "NAME", default_value_t)]
    endpoint: EndpointName,

    /// The body, exactly as it came; else it is read from the standard input.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Verify {
    pub(super) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let file = self.file.as_deref().unwrap_or(Path::new("-"));
        let body = input::read(file, input::LARGEST_BODY)?;
        let secrets: Vec<NamedSecret> = named(&self.secrets);
        let policy = Policy {
            accept: self.forms,
            max_age: SignedDuration::try_from(self.max_age).context("--max-age is too long")?,
        };
        let headers = SignedHeaders {
            timestamp: Some(&self.timestamp),
            signature: Some(&self.signature),
            legacy_signature: None,
        };
        let now = SystemClock.now();
        match signature::verify(&secrets, &policy, &headers, &body, now) {
            Ok(verified) => {
                tell_genuine(context, &payload::event(verified, &self.endpoint, now))?;
                Ok(ExitCode::SUCCESS)
            }
            Err(refusal) => {
                let diagnosis = diagnosis::diagnose(&secrets, &policy, &headers, &body, now);
                tell_refused(context, &refusal, diagnosis.as_ref())?;
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

/// The secrets with names like those in a configuration.
fn named(secrets: &[Secret]) -> Vec<NamedSecret> {
    let name = |index: usize| format!("#{}", index + 1).into();
    secrets
        .iter()
        .enumerate()
        .map(|(index, secret)| NamedSecret {
            name: name(index),
            secret: secret.clone(),
        })
        .collect()
}

fn tell_genuine(context: &Context, event: &NewEvent) -> anyhow::Result<()> {
    let Some(signature) = &event.signature else {
        return Ok(());
    };
    let signed_at = view::time(signature.signed_at);
    if context.output.json {
        context.output.json(&json!({
            "genuine": true,
            "form": signature.form,
            "secret": signature.secret,
            "signed_at": signed_at,
            "event_id": event.id,
        }))?;
        return Ok(());
    }
    context.output.line(format_args!(
        "{} signed in the form `{}` with the secret `{}` at {signed_at}",
        "genuine:".green().bold(),
        signature.form,
        signature.secret,
    ))?;
    context.output.line(format_args!("event {}", event.id))?;
    Ok(())
}

fn tell_refused(
    context: &Context,
    refusal: &Refusal,
    diagnosis: Option<&Diagnosis>,
) -> anyhow::Result<()> {
    let diagnosis = diagnosis.map(ToString::to_string);
    if context.output.json {
        context.output.json(&json!({
            "genuine": false,
            "cause": refusal.cause().as_str(),
            "detail": refusal.to_string(),
            "diagnosis": diagnosis,
        }))?;
        return Ok(());
    }
    context
        .output
        .line(format_args!("{} {refusal}", "not genuine:".red().bold()))?;
    context.output.line(diagnosis.as_deref().unwrap_or(
        "No form, spelling of the secret or time that we know of would have matched: compare the \
         secret with the webhook's page at Browser Use, and give the body exactly as it came.",
    ))?;
    Ok(())
}
