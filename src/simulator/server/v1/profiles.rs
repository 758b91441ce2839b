//! Browser profiles, with their settings.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Account;
use super::PAGE;
use super::PAGE_SIZE;
use super::Refusal;
use super::page_of;
use crate::simulator::server::asked::Asked;
use crate::simulator::server::paging::Page;
use crate::simulator::world::Api;
use crate::simulator::world::Browser;
use crate::simulator::world::Memory;
use crate::simulator::world::Profile;
use crate::simulator::world::World;

pub(super) async fn list(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let page = Page::only(query.as_deref(), PAGE, PAGE_SIZE)?;
    Ok(world.look(|memory, _| {
        let all = memory.profiles.newest_first();
        let all = all.filter(|profile| profile.api == Api::V1).map(view);
        Json(page_of("profiles", page, page.of(all)))
    }))
}

/// Makes one. Without a subscription there is but one.
pub(super) async fn create(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let name = asked.required_text("profile_name", 1..=usize::MAX);
    let browser = browser(&mut asked, Browser::default());
    asked.finish()?;

    world.change(|memory, now| {
        if memory.has_profile(Api::V1) {
            account.may_subscribe(Api::V1)?;
        }
        let profile = Profile {
            id: memory.dice.id(),
            api: Api::V1,
            created_at: now,
            updated_at: now,
            name: Some(name),
            user_id: None,
            browser,
        };
        let view = view(&profile);
        memory.profiles.put(profile.id, profile);
        Ok(Json(view))
    })
}

pub(super) async fn show(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.update(|memory, _| Ok(Json(view(profile(memory, &id)?))))
}

/// Changes what is named, and nothing else.
pub(super) async fn update(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    world.change(|memory, now| {
        let profile = profile(memory, &id)?;
        let name = asked.text("profile_name", 1..=usize::MAX);
        let browser = browser(&mut asked, profile.browser.clone());
        asked.finish()?;
        profile.name = name.or_else(|| profile.name.take());
        profile.browser = browser;
        profile.updated_at = now;
        Ok(Json(view(profile)))
    })
}

pub(super) async fn delete(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.change(|memory, _| {
        let id = profile(memory, &id)?.id;
        memory.profiles.remove(id);
        Ok(Json(json!({})))
    })
}

fn profile<'a>(memory: &'a mut Memory, id: &str) -> Result<&'a mut Profile, Refusal> {
    let id = Uuid::parse_str(id).ok();
    id.and_then(|id| memory.profiles.get_mut(id))
        .filter(|profile| profile.api == Api::V1)
        .ok_or_else(|| Refusal::not_found("Browser profile not found"))
}

/// The settings, where something is left out as they were.
fn browser(asked: &mut Asked, was: Browser) -> Browser {
    let mut pixels = |name| asked.integer(name, 1..=i64::MAX);
    let width = pixels("browser_viewport_width").unwrap_or(was.viewport.0);
    let height = pixels("browser_viewport_height").unwrap_or(was.viewport.1);
    let any = 0..=usize::MAX;
    Browser {
        description: asked
            .text("description", any.clone())
            .unwrap_or(was.description),
        persist: asked.flag("persist").unwrap_or(was.persist),
        ad_blocker: asked.flag("ad_blocker").unwrap_or(was.ad_blocker),
        proxy: asked.flag("proxy").unwrap_or(was.proxy),
        proxy_country_code: asked
            .text("proxy_country_code", any)
            .unwrap_or(was.proxy_country_code),
        viewport: (width, height),
    }
}

fn view(profile: &Profile) -> Value {
    let browser = &profile.browser;
    json!({
        "profile_id": profile.id,
        "profile_name": profile.name,
        "description": browser.description,
        "persist": browser.persist,
        "ad_blocker": browser.ad_blocker,
        "proxy": browser.proxy,
        "proxy_country_code": browser.proxy_country_code,
        "browser_viewport_width": browser.viewport.0,
        "browser_viewport_height": browser.viewport.1,
    })
}
