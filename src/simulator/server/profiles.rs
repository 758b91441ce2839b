//! Profiles, as all versions since v2 write them.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::Value;
use serde_json::json;

use super::Account;
use super::Refusal;
use super::asked::Asked;
use super::asked::path_id;
use super::paging::Page;
use super::time;
use crate::simulator::world::Api;
use crate::simulator::world::Browser;
use crate::simulator::world::Memory;
use crate::simulator::world::Profile;
use crate::simulator::world::World;

/// The profiles of one version.
pub(super) fn router(api: Api) -> Router<Arc<World>> {
    Router::new()
        .route("/", get(list).post(create))
        .route("/{profile_id}", get(show).patch(update).delete(delete))
        .layer(Extension(api))
}

async fn list(
    State(world): State<Arc<World>>,
    Extension(api): Extension<Api>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::query(query.as_deref());
    let page = Page::take(&mut asked, ["pageNumber", "pageSize"], 10);
    let sought = asked.text("query", 0..=200).unwrap_or_default();
    asked.finish()?;
    Ok(world.look(|memory, _| {
        let has = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(&sought));
        let all = memory.profiles.newest_first().filter(|profile| {
            let fits = sought.is_empty() || has(&profile.name) || has(&profile.user_id);
            profile.api == api && fits
        });
        let (items, total) = page.of(all.map(view));
        Json(json!({
            "items": items,
            "totalItems": total,
            "pageNumber": page.number,
            "pageSize": page.size,
        }))
    }))
}

/// Makes one. Without a subscription there is but one.
async fn create(
    State(world): State<Arc<World>>,
    Extension(api): Extension<Api>,
    Extension(account): Extension<Account>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut asked = Asked::optional_body(&body)?;
    let (name, user_id) = names(&mut asked);
    asked.finish()?;
    world.change(|memory, now| {
        if memory.has_profile(api) {
            account.may_subscribe(api)?;
        }
        let profile = Profile {
            id: memory.dice.id(),
            api,
            created_at: now,
            updated_at: now,
            name,
            user_id,
            browser: Browser::default(),
        };
        let view = view(&profile);
        memory.profiles.put(profile.id, profile);
        Ok((StatusCode::CREATED, Json(view)))
    })
}

async fn show(
    State(world): State<Arc<World>>,
    Extension(api): Extension<Api>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.update(|memory, _| Ok(Json(view(profile(memory, api, &id)?))))
}

async fn update(
    State(world): State<Arc<World>>,
    Extension(api): Extension<Api>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let (name, user_id) = names(&mut asked);
    asked.finish()?;
    world.change(|memory, now| {
        let profile = profile(memory, api, &id)?;
        profile.name = name.or_else(|| profile.name.take());
        profile.user_id = user_id.or_else(|| profile.user_id.take());
        profile.updated_at = now;
        Ok(Json(view(profile)))
    })
}

/// Deletes one. That nothing is there is no failure.
async fn delete(
    State(world): State<Arc<World>>,
    Extension(api): Extension<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = path_id(&id, "profile_id")?;
    world.change(|memory, _| {
        memory
            .profiles
            .retain(|profile| profile.id != id || profile.api != api);
    });
    Ok(StatusCode::NO_CONTENT)
}

fn names(asked: &mut Asked) -> (Option<String>, Option<String>) {
    (asked.text("name", 0..=100), asked.text("userId", 0..=255))
}

fn profile<'a>(memory: &'a mut Memory, api: Api, id: &str) -> Result<&'a mut Profile, Refusal> {
    let found = memory.profiles.get_mut(path_id(id, "profile_id")?);
    found
        .filter(|profile| profile.api == api)
        .ok_or_else(|| Refusal::not_found("Profile not found"))
}

fn view(profile: &Profile) -> Value {
    json!({
        "id": profile.id,
        "userId": profile.user_id,
        "name": profile.name,
        "lastUsedAt": null,
        "createdAt": time(profile.created_at),
        "updatedAt": time(profile.updated_at),
        "cookieDomains": null,
    })
}
