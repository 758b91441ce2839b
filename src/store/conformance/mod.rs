//! The laws that every store keeps, as functions over whatever opens one.
//!
//! A backend runs them all with `laws!(its own Backend)`: each becomes a test of the same name.
//! Laws that only some database would break are here for all of them.

pub(super) mod appending;

mod stage;

pub(super) use self::stage::Backend;

/// Makes a test of every law, for one backend.
macro_rules! laws {
    ($backend:expr) => {
        $crate::store::conformance::laws!($backend;
            appending: [
                an_event_and_what_it_owes_are_stored_together,
                a_known_event_owes_nothing_new,
                the_same_event_twice_at_once_is_one_event,
                a_known_event_first_in_its_lane_leaves_the_lane_its_head,
                one_bad_event_fails_alone,
                who_saw_an_event_never_finds_a_new_one_below_it,
                times_never_fall_though_the_clock_does,
                text_no_database_likes_comes_back_as_it_came,
                a_closed_store_takes_nothing,
            ],
        );
    };
    ($backend:expr; $($topic:ident: [$($law:ident),+ $(,)?]),+ $(,)?) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                $crate::store::conformance::$topic::$law(&$backend).await;
            }
        )+)+
    };
}

pub(super) use laws;
