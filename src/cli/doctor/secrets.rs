//! Whether each endpoint has a secret, and whether it was copied well.

use std::io;

use super::endpoints::Known;
use super::report::Report;
use crate::config::Config;
use crate::name::EndpointName;
use crate::secret::NamedSecret;
use crate::secret::Secret;
use crate::store::Look;

const CHECK: &str = "secret";

const GIVE_IT: &str = "register the webhook at Browser Use, then run `tidings secret set` and \
                       paste the secret that it shows";

pub(super) fn check(
    config: &Config,
    known: &Known,
    look: Option<&Look>,
    report: &mut Report,
) -> io::Result<()> {
    for endpoint in &config.endpoints {
        let name = &endpoint.name;
        let kept = look.into_iter().flat_map(|look| &look.secrets);
        let kept = kept.filter(|(of, _)| of == name).map(|(_, secret)| secret);
        let ours: Vec<&NamedSecret> = endpoint.secrets.iter().chain(kept).collect();
        for secret in &ours {
            spelling(secret, name, report)?;
        }

        let told = known.as_ref().and_then(|known| known.get(name));
        let told = told.map_or(&[] as &[String], |told| &told.secrets);
        let is_ours = |other: &str| ours.iter().any(|secret| *secret.name == *other);
        for other in told.iter().filter(|other| !is_ours(other)) {
            let found = format!("the server has `{other}` for endpoint `{name}`");
            report.ok(CHECK, found)?;
        }
        if ours.is_empty() && told.is_empty() {
            let found = format!("endpoint `{name}` has none, and takes nothing but the test ping");
            report.warning(CHECK, found, GIVE_IT)?;
        }
    }
    Ok(())
}

fn spelling(named: &NamedSecret, endpoint: &EndpointName, report: &mut Report) -> io::Result<()> {
    let found = |fault: &str| format!("`{}` of endpoint `{endpoint}` {fault}", named.name);
    match fault(&named.secret) {
        None => report.ok(CHECK, found("is spelled as one should be")),
        Some(Fault::Wrong(fault)) => report.problem(
            CHECK,
            found(fault),
            "copy it again, without anything around it",
        ),
        Some(Fault::Odd(fault)) => report.warning(
            CHECK,
            found(fault),
            "compare it with the webhook's page at Browser Use: it is used as it stands",
        ),
    }
}

/// What may be wrong with a secret's spelling.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// Nobody can mean it.
    Wrong(&'static str),
    /// It can be right, and seldom is.
    Odd(&'static str),
}

fn fault(secret: &Secret) -> Option<Fault> {
    let text = secret.expose();
    if text.is_empty() {
        Some(Fault::Wrong("is empty"))
    } else if text.chars().any(char::is_control) {
        Some(Fault::Wrong(
            "has a line break or another control character in it",
        ))
    } else if secret.is_pasted_badly() {
        Some(Fault::Wrong("has a blank or a quote around it"))
    } else if text.starts_with("whsec_") {
        Some(Fault::Odd(
            "begins with `whsec_`, as other vendors' secrets do",
        ))
    } else if !text.is_ascii() || text.contains(' ') {
        Some(Fault::Odd("has a character in it that secrets do not have"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_was_copied_badly_is_told_from_one_that_is_only_odd() {
        let wrong = |text: &str| matches!(fault(&text.into()), Some(Fault::Wrong(_)));
        for text in ["", " a", "a\n", "a\r\n", "\"a\"", "'a'", "a\tb", "\u{a0}a"] {
            assert!(wrong(text), "{text:?}");
        }
        for text in ["whsec_a", "a b", "paß"] {
            let odd = matches!(fault(&text.into()), Some(Fault::Odd(_)));
            assert!(odd, "{text:?}");
        }
        assert_eq!(fault(&"3f9a-Zk_8/+=".into()), None);
    }
}
