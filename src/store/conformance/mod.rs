//! The laws that every store keeps, as functions over whatever opens one.
//!
//! A backend runs them all with `laws!(its own Backend)`: each becomes a test of the same name.
//! Laws that only some database would break are here for all of them.

pub(super) mod appending;

pub(super) mod captures;

pub(super) mod claiming;

pub(super) mod company;

pub(super) mod enriching;

pub(super) mod finding;

pub(super) mod listing;

pub(super) mod ordering;

pub(super) mod reading;

pub(super) mod replaying;

pub(super) mod reports;

pub(super) mod retrying;

pub(super) mod settling;

pub(super) mod stage;

pub(super) mod standings;

pub(super) mod tasks;

pub(super) mod telling;

pub(super) mod together;

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
            claiming: [
                two_claimers_never_share_a_lease,
                a_claim_brings_the_event_and_no_more_than_there_is_room_for,
                a_claim_brings_the_event_as_everybody_reads_it,
                an_expired_lease_is_claimable_again_and_its_holder_shut_out,
                leases_of_a_process_that_died_are_void_when_the_next_one_opens,
                a_settled_delivery_is_never_claimed_again,
                whoever_waits_hears_of_what_becomes_due,
            ],
            settling: [
                an_attempt_is_kept_with_all_that_is_known_of_it,
                of_two_words_on_one_lease_the_first_counts,
                what_is_given_back_is_due_at_once_and_counts_no_attempt,
                what_is_discarded_untried_counts_no_attempt_and_blocks_nobody,
                a_dead_letter_can_be_tried_again_with_all_its_time,
                what_was_discarded_and_is_asked_for_again_is_a_replay,
                a_try_that_is_put_off_can_be_made_now,
                what_is_discarded_in_flight_cannot_be_settled,
                an_id_that_was_made_up_is_unknown,
                a_sink_tells_how_it_fares,
            ],
            ordering: [
                events_about_a_task_reach_a_sink_one_after_the_other,
                a_lane_has_one_head_however_many_come_at_once,
                a_try_put_off_holds_up_its_own_task_and_no_other,
                a_dead_or_discarded_delivery_holds_up_nobody,
                who_is_discarded_while_waiting_is_passed_over,
                replays_and_retried_dead_letters_neither_wait_nor_block,
                without_an_order_nobody_waits,
                nothing_is_lost_or_stuck_however_work_goes_on_at_once,
            ],
            replaying: [
                a_portion_is_owed_once_whoever_owes_it,
                a_portion_cut_off_anywhere_is_owed_whole_or_not_at_all,
                a_replay_is_done_when_the_last_of_it_is_settled,
                a_replay_that_is_cancelled_owes_nothing_more,
                what_is_owed_once_more_goes_behind_what_was_due_before,
                a_sink_tells_what_it_is_owed_by_replays,
            ],
            retrying: [
                dead_letters_are_owed_again_with_all_their_time,
                a_dead_letter_whose_retry_is_cancelled_is_one_again,
                a_dead_letter_counts_for_each_replay_that_owed_it,
            ],
            enriching: [
                who_wants_the_task_waits_for_it_and_nobody_else_does,
                past_its_time_the_best_that_is_known_is_sent_and_stays,
                what_comes_to_the_head_of_its_lane_waits_for_its_own_look_up,
                a_look_up_that_is_done_before_the_lane_is_free_delays_nobody,
                an_end_that_was_told_before_is_not_looked_up,
                what_is_sent_with_an_event_can_be_looked_at,
            ],
            captures: [
                a_task_that_ended_is_noted_once_and_due_a_while_later,
                ends_are_read_on_from_where_the_last_step_ended,
                what_becomes_of_files_is_kept,
                what_is_kept_is_counted_and_walked_through,
            ],
            listing: [
                pages_follow_each_other_without_gap_or_repetition,
                every_part_of_a_filter_must_hold_and_one_of_several_values,
                free_text_finds_what_begins_with_it,
                deliveries_are_found_by_state_sink_task_and_event,
                what_was_stored_is_found_however_much_came_since,
                an_event_counts_its_deliveries,
            ],
            tasks: [
                what_events_say_of_a_task_is_its_timeline_and_folded,
                an_event_about_no_task_is_passed_over,
                an_event_is_observed_once_whoever_follows,
                a_step_cut_off_anywhere_is_taken_again,
                in_any_order_of_arrival_the_same_tasks_come_out,
                what_no_event_says_is_observed_too,
            ],
            finding: [
                any_of_its_ids_finds_a_task,
                tasks_are_found_by_state_session_and_metadata,
                the_newest_events_about_a_task_are_found_as_soon_as_they_are_stored,
            ],
            reports: [
                what_the_cloud_says_of_a_task_is_kept_and_observed,
                who_asks_again_adds_no_line_until_something_is_new,
                an_older_report_never_takes_the_place_of_a_newer,
                what_ended_does_not_end_anew_when_somebody_asks_again,
                webhooks_and_reports_come_to_the_same_in_any_order,
                of_long_texts_the_beginning_is_kept,
            ],
            telling: [
                an_end_is_told_once_whichever_came_first,
                two_ends_in_one_turn_are_one_delivery,
                an_end_stays_told_however_many_were_told_since,
                who_told_an_end_first_is_named_by_all_who_follow,
                an_end_that_comes_again_is_itself,
                what_goes_on_is_told_as_often_as_it_is_said,
                what_was_registered_is_told_by_a_webhook_alone,
                we_tell_of_a_start_only_what_nobody_heard_of,
                a_session_ends_once_a_turn,
                a_look_is_remembered_once_it_was_carried_through,
            ],
            standings: [
                how_a_sink_stands_is_kept_and_told_to_who_waits,
                a_sink_nobody_registered_cannot_be_paused,
                a_paused_sink_goes_on_being_owed_events,
                patience_runs_from_the_first_attempt_and_not_while_the_sink_stands_still,
                who_fails_first_as_a_probe_loses_no_patience_until_the_breaker_closes,
                a_dead_letter_that_is_tried_again_has_its_patience_anew,
                what_failures_put_off_is_due_once_the_breaker_closes,
            ],
            together: [
                who_stands_behind_the_head_of_a_lane_comes_with_it_in_order,
                of_a_lane_that_is_cut_off_the_rest_goes_on,
                who_has_lost_the_head_of_a_lane_has_lost_all_of_it,
                of_a_process_that_died_nothing_is_left_but_the_order,
                who_fails_together_is_put_off_together_and_each_counts_its_tries,
                what_is_given_back_together_is_as_it_was,
                what_is_discarded_behind_the_head_cannot_be_settled,
                nothing_is_lost_or_stuck_however_much_goes_together,
            ],
            company: [
                what_is_due_waits_for_more_until_its_time_or_until_it_is_enough,
                who_was_refused_in_company_goes_alone,
                who_waits_for_what_is_looked_up_is_waited_for_in_company_too,
            ],
            reading: [
                of_rejections_the_newest_are_kept,
                a_token_is_found_by_its_hash_until_it_is_taken_back,
                an_endpoint_keeps_its_secrets_and_its_last_ping,
                the_key_of_links_is_the_first_that_was_given,
                replays_are_listed_with_what_they_are_about,
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
