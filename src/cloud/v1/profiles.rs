//! Browser profiles: what a task's browser is like, and what it remembers.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::Paging;
use super::Totals;
use super::V1;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::limits;
use crate::cloud::limits::Bounded;
use crate::cloud::limits::OutOfLimits;
use crate::cloud::wire::Extra;

/// A profile to create. What is not given is left to the vendor's defaults.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct CreateProfile {
    /// Its name. Required.
    pub profile_name: String,
    /// What it is for; empty unless given.
    pub description: Option<String>,
    /// Whether cookies, local storage and session data are kept between tasks; so unless given.
    pub persist: Option<bool>,
    /// Whether ads and popups are blocked; so unless given.
    pub ad_blocker: Option<bool>,
    /// Whether traffic goes through mobile proxies; so unless given.
    pub proxy: Option<bool>,
    /// The proxy's country; `US` unless given.
    pub proxy_country_code: Option<String>,
    /// The viewport's width in pixels; 1280 unless given.
    pub browser_viewport_width: Option<u32>,
    /// The viewport's height in pixels; 960 unless given.
    pub browser_viewport_height: Option<u32>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for CreateProfile {
    fn check(&self) -> Result<(), OutOfLimits> {
        limits::required("profile_name", &self.profile_name)
    }
}

/// What to change of a profile. What is not given stays as it is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct UpdateProfile {
    /// Its name.
    pub profile_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether cookies, local storage and session data are kept between tasks.
    pub persist: Option<bool>,
    /// Whether ads and popups are blocked.
    pub ad_blocker: Option<bool>,
    /// Whether traffic goes through mobile proxies.
    pub proxy: Option<bool>,
    /// The proxy's country.
    pub proxy_country_code: Option<String>,
    /// The viewport's width in pixels.
    pub browser_viewport_width: Option<u32>,
    /// The viewport's height in pixels.
    pub browser_viewport_height: Option<u32>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for UpdateProfile {
    /// No limit is documented.
    fn check(&self) -> Result<(), OutOfLimits> {
        Ok(())
    }
}

/// A browser profile.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Profile {
    /// Its id.
    pub profile_id: String,
    /// Its name.
    pub profile_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether cookies, local storage and session data are kept between tasks.
    pub persist: Option<bool>,
    /// Whether ads and popups are blocked.
    pub ad_blocker: Option<bool>,
    /// Whether traffic goes through mobile proxies.
    pub proxy: Option<bool>,
    /// The proxy's country.
    pub proxy_country_code: Option<String>,
    /// The viewport's width in pixels.
    pub browser_viewport_width: Option<u64>,
    /// The viewport's height in pixels.
    pub browser_viewport_height: Option<u64>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A page of profiles.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ProfilePage {
    /// The profiles, by when they were created.
    pub profiles: Vec<Profile>,
    /// Where this page stands.
    #[serde(flatten)]
    pub totals: Totals,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V1<'_> {
    /// `GET /browser-profiles`: a page of all profiles.
    pub async fn profiles(&self, paging: Paging) -> Result<ProfilePage, CloudError> {
        let call = paging.of(call(Method::GET, &["browser-profiles"], "page"));
        let call = call.within(paging.check(None))?;
        self.0.send(call).await?.json()
    }

    /// `POST /browser-profiles`: creates a profile. Who pays as they go has one at most.
    pub async fn create_profile(&self, new: &CreateProfile) -> Result<Profile, CloudError> {
        let call = call(Method::POST, &["browser-profiles"], "profile").body(new)?;
        self.0.send(call).await?.json()
    }

    /// `GET /browser-profiles/{profile_id}`: a profile.
    pub async fn profile(&self, id: &str) -> Result<Profile, CloudError> {
        let call = call(Method::GET, &["browser-profiles", id], "profile");
        self.0.send(call).await?.json()
    }

    /// `PUT /browser-profiles/{profile_id}`: changes a profile, and returns it as it is now.
    pub async fn update_profile(
        &self,
        id: &str,
        change: &UpdateProfile,
    ) -> Result<Profile, CloudError> {
        let call = call(Method::PUT, &["browser-profiles", id], "profile").body(change)?;
        self.0.send(call).await?.json()
    }

    /// `DELETE /browser-profiles/{profile_id}`: deletes a profile and its browser's data, for good.
    pub async fn delete_profile(&self, id: &str) -> Result<(), CloudError> {
        let call = call(Method::DELETE, &["browser-profiles", id], "profile");
        self.0.send(call).await.map(drop)
    }
}
