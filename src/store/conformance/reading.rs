//! Laws of what stands beside events and deliveries.

use crate::access::NewToken;
use crate::access::Scope;
use crate::access::TokenHash;
use crate::access::TokenId;
use crate::name::EndpointName;
use crate::rejection::Cause;
use crate::rejection::NewRejection;
use crate::rejection::RejectionId;
use crate::replay::ReplayId;
use crate::secret::NamedSecret;
use crate::secret::Secret;
use crate::store::Order;
use crate::store::Slice;
use crate::store::conformance::replaying::begin;
use crate::store::conformance::replaying::find;
use crate::store::conformance::replaying::selection;
use crate::store::conformance::replaying::stocked;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::opened;

fn rejection(seconds: i64) -> NewRejection {
    NewRejection {
        at: at(seconds),
        endpoint: EndpointName::default(),
        cause: Cause::SignatureMismatch,
        diagnosis: Some("the secret has a newline at its end".to_owned()),
        remote: Some("2001:db8::1".parse().unwrap()),
        headers: vec![("x-odd".to_owned(), "\0 \u{fffd}".to_owned())],
        body_size: 333,
        body_sha256: Some([7; 32]),
    }
}

pub(in crate::store) async fn of_rejections_the_newest_are_kept(backend: &impl Backend) {
    let store = opened(backend).await;
    for round in 0..4 {
        let some = (1..=5).map(|n| rejection(round * 5 + n)).collect();
        store.record(some, 7).await.unwrap();
    }
    let slice = Slice {
        order: Order::Descending,
        after: None,
        limit: 5,
    };
    let page = store.rejections(slice).await.unwrap();
    assert_eq!(page.items[0].request.at, at(20));
    let rest = Slice {
        after: page.next,
        ..slice
    };
    let rest = store.rejections(rest).await.unwrap();
    assert_eq!((page.items.len(), rest.items.len()), (5, 2));
    assert_eq!(rest.next, None);

    let one = store.rejection(page.items[0].id).await.unwrap().unwrap();
    let sent = rejection(20);
    assert_eq!(one.request.headers, sent.headers);
    assert_eq!(one.request.remote, sent.remote);
    assert_eq!(one.request.cause, sent.cause);
    assert_eq!(one.request.diagnosis, sent.diagnosis);
    assert_eq!(one.request.body_sha256, sent.body_sha256);
    let made_up = RejectionId::new(at(999), one.id.row());
    assert!(store.rejection(made_up).await.unwrap().is_none());
}

pub(in crate::store) async fn a_token_is_found_by_its_hash_until_it_is_taken_back(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let hash = TokenHash::of(&Secret::from("tok"));
    let token = NewToken {
        hash,
        scope: Scope::Operate,
        name: Some("ci".to_owned()),
        created_at: at(1),
        expires_at: Some(at(100)),
    };
    let made = store.create_token(token).await.unwrap();
    let found = store.token(hash).await.unwrap().unwrap();
    assert_eq!((found.id, found.scope), (made.id, Scope::Operate));
    assert!(found.is_valid(at(99)) && !found.is_valid(at(100)));
    let other = TokenHash::of(&Secret::from("kot"));
    assert!(store.token(other).await.unwrap().is_none());

    store.touch_token(made.id, at(5)).await.unwrap();
    assert!(store.revoke_token(made.id, at(6)).await.unwrap());
    assert!(store.revoke_token(made.id, at(7)).await.unwrap());
    let made_up = TokenId::new(at(77), made.id.row());
    assert!(!store.revoke_token(made_up, at(8)).await.unwrap());
    let found = store.tokens().await.unwrap().remove(0);
    assert_eq!(found.last_used_at, Some(at(5)));
    assert_eq!(found.revoked_at, Some(at(6)));
    assert!(!found.is_valid(at(6)));
}

pub(in crate::store) async fn an_endpoint_keeps_its_secrets_and_its_last_ping(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
    let named = |name: &str, secret: &str| NamedSecret {
        name: name.into(),
        secret: Secret::from(secret),
    };
    store
        .set_secret(&a, &named("set", "old"), at(1))
        .await
        .unwrap();
    store
        .set_secret(&a, &named("set", "new"), at(2))
        .await
        .unwrap();
    store
        .set_secret(&b, &named("set", "its own"), at(3))
        .await
        .unwrap();
    store.record_ping(&b, at(4)).await.unwrap();
    store.record_ping(&b, at(5)).await.unwrap();
    store.close().await.unwrap();

    let store = backend.open().await;
    let secrets = store.secrets().await.unwrap();
    let shown: Vec<_> = secrets
        .iter()
        .map(|(endpoint, named)| (endpoint, named.secret.expose()))
        .collect();
    assert_eq!(shown, [(&a, "new"), (&b, "its own")]);
    assert_eq!(store.pings().await.unwrap(), [(b, at(5))]);
}

pub(in crate::store) async fn the_key_of_links_is_the_first_that_was_given(backend: &impl Backend) {
    let store = opened(backend).await;
    let first = store.link_key(&Secret::from("first")).await.unwrap();
    assert_eq!(first.expose(), "first");
    store.close().await.unwrap();

    let store = backend.open().await;
    let kept = store.link_key(&Secret::from("second")).await.unwrap();
    assert_eq!(kept.expose(), "first");
}

pub(in crate::store) async fn replays_are_listed_with_what_they_are_about(backend: &impl Backend) {
    let store = stocked(backend, 3).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(begin(&store, selection(), &["one", "two"], 3).await);
    }
    let mut slice = Slice {
        order: Order::Descending,
        after: None,
        limit: 2,
    };
    let newest = store.list_replays(slice).await.unwrap();
    slice.after = newest.next;
    let oldest = store.list_replays(slice).await.unwrap();
    assert_eq!(oldest.next, None);
    let listed = newest.items.iter().chain(&oldest.items);
    let listed: Vec<_> = listed.map(|replay| replay.id).collect();
    ids.reverse();
    assert_eq!(listed, ids);

    let replay = find(&store, ids[0]).await;
    assert_eq!(replay.selection, selection());
    assert_eq!((replay.matched, replay.created_at), (3, at(200)));
    let sinks: Vec<_> = replay.parts.iter().map(|part| part.sink.as_str()).collect();
    assert_eq!(sinks, ["one", "two"]);
    let made_up = ReplayId::new(at(7), ids[0].row());
    assert_eq!(store.find_replay(made_up).await.unwrap(), None);
    assert_eq!(store.cancel_replay(made_up, at(201)).await.unwrap(), None);
}
