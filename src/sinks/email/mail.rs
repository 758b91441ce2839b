//! A mail: its headers and its two parts.

use std::time::SystemTime;

use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::MultiPart;
use lettre::message::header::HeaderName;
use lettre::message::header::HeaderValue;

use super::address::Address;
use super::html::html;
use super::text::text;
use crate::sinks::Outbound;
use crate::sinks::note::Note;
use crate::template::Length;
use crate::template::cut;

/// How long a subject is at most: mail programs show less.
const SUBJECT_LIMIT: Length = Length::Bytes(200);

/// What stands at the top of each mail.
#[derive(Debug)]
pub(super) struct Letterhead {
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Letterhead {
    /// Mails from somebody to all of these.
    pub(super) fn new(from: Address, to: Vec<Address>) -> Self {
        Self {
            from: from.0,
            to: to.into_iter().map(|address| address.0).collect(),
        }
    }

    /// Whom mails are from, and whom they go to.
    pub(super) fn shown(&self) -> (String, Vec<String>) {
        let to = self.to.iter().map(ToString::to_string);
        (self.from.to_string(), to.collect())
    }

    /// The mail that tells a note.
    ///
    /// Its id is made from the event's, so a repetition can be told. A mail that nobody wrote says
    /// so, which keeps those who are on holiday from answering it.
    pub(super) fn write(&self, note: &Note, outbound: &Outbound) -> anyhow::Result<Message> {
        let mut mail = Message::builder()
            .from(self.from.clone())
            .subject(subject(note))
            .date(SystemTime::from(outbound.sent_at))
            .message_id(Some(self.id(&note.id.to_string())))
            .raw_header(raw("Auto-Submitted", "auto-generated"));
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        if let Some(thread) = thread(outbound) {
            mail = mail.references(self.id(&thread));
        }
        if outbound.replay {
            mail = mail.raw_header(raw("Tidings-Replay", "true"));
        }
        let parts = MultiPart::alternative_plain_html(text(note), html(note));
        Ok(mail.multipart(parts)?)
    }

    /// The id of a message of ours.
    fn id(&self, local: &str) -> String {
        format!("<{local}@{}>", self.from.email.domain())
    }
}

/// What the mails of one task have in common, so that mail programs show them together. None where
/// its id would be none of a message.
fn thread(outbound: &Outbound) -> Option<String> {
    let task = outbound.event.facts.order_key()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_plain = !task.is_empty() && task.len() <= 100 && task.chars().all(plain);
    is_plain.then(|| format!("task-{task}"))
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The subject, not too long, and without what would be read as an encoded word: such a one may
/// hold anything.
pub(super) fn subject(note: &Note) -> String {
    let subject = note.subject().replace("=?", "= ?");
    cut(&subject, SUBJECT_LIMIT).into_owned()
}
