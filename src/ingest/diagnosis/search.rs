//! Tries what could have been meant, the likeliest first.

use bytes::Bytes;
use subtle::ConstantTimeEq as _;

use super::content;
use super::content::Content;
use super::finding::Diagnosis;
use super::spelling;
use super::spelling::Spelled;
use crate::ingest::claim::SignedHeaders;
use crate::ingest::signature::Policy;
use crate::secret::NamedSecret;
use crate::signing;

/// The first combination that matches. It may turn out that nothing is wrong with it.
///
/// With one secret it is about a hundred HMACs over the body: one fault at a time, and the content
/// on top, because a wrong form goes well with a badly copied secret.
pub(super) fn find(
    secrets: &[NamedSecret],
    policy: &Policy,
    headers: &SignedHeaders<'_>,
    body: &Bytes,
) -> Option<Diagnosis> {
    let contents = content::all(body, policy);
    let claims = spelling::claims(headers);

    let exact: Vec<_> = secrets.iter().map(exact_key).collect();
    let blemished: Vec<_> = secrets.iter().flat_map(blemished_keys).collect();
    let verbatim = spelling::verbatim(headers);
    let rewritten = spelling::rewritten(headers);

    [
        (&exact, &verbatim),
        (&blemished, &verbatim),
        (&exact, &rewritten),
    ]
    .into_iter()
    .find_map(|(keys, timestamps)| {
        keys.iter().find_map(|key| {
            timestamps
                .iter()
                .find_map(|timestamp| try_contents(key, timestamp, &contents, &claims))
        })
    })
}

/// A key to try, the name of its secret, and what was done to it.
struct Key<'a> {
    name: &'a str,
    key: Spelled<String>,
}

fn exact_key(secret: &NamedSecret) -> Key<'_> {
    Key {
        name: &secret.name,
        key: Spelled::exactly(secret.secret.expose().to_owned()),
    }
}

fn blemished_keys(secret: &NamedSecret) -> impl Iterator<Item = Key<'_>> {
    spelling::keys(secret.secret.expose())
        .into_iter()
        .map(|key| Key {
            name: &secret.name,
            key,
        })
}

fn try_contents(
    key: &Key<'_>,
    timestamp: &Spelled<Option<String>>,
    contents: &[Content<'_>],
    claims: &[Spelled<[u8; 32]>],
) -> Option<Diagnosis> {
    contents.iter().find_map(|content| {
        let right = mac(&key.key.value, timestamp.value.as_deref(), &content.bytes);
        let claim = claims
            .iter()
            .find(|claim| bool::from(claim.value.ct_eq(&right)))?;
        let findings = [
            &content.finding,
            &key.key.finding,
            &timestamp.finding,
            &claim.finding,
        ];
        Some(Diagnosis {
            secret: key.name.into(),
            findings: findings.into_iter().flatten().cloned().collect(),
        })
    })
}

fn mac(key: &str, timestamp: Option<&str>, content: &[u8]) -> [u8; 32] {
    match timestamp {
        Some(timestamp) => signing::sign(key.as_bytes(), timestamp, content),
        None => signing::hmac(key.as_bytes(), &[content]),
    }
}
