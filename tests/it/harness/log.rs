//! The log of one test, kept so that it can be held to be clean.

use std::cell::RefCell;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;

use tracing::Event;
use tracing::Level;
use tracing::Subscriber;
use tracing::field::Field;
use tracing::field::Visit;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::SubscriberExt as _;

/// Collects what this thread logs while it lives. Tests run on a runtime of one thread, so that is
/// all a receiver has to say. `RECEIVER_LOG=1` shows it, too.
#[derive(Debug)]
pub(crate) struct Log {
    troubles: Troubles,
    expected: RefCell<Vec<String>>,
    _listening: DefaultGuard,
}

impl Log {
    /// Begins to listen.
    pub(crate) fn listen() -> Self {
        let troubles = Troubles::default();
        let shown = std::env::var_os("RECEIVER_LOG").map(|_| {
            tracing_subscriber::fmt::layer()
                .with_test_writer()
                .with_filter(tracing_subscriber::EnvFilter::new("tidings=trace"))
        });
        let subscriber = tracing_subscriber::registry()
            .with(troubles.clone())
            .with(shown);
        Self {
            troubles,
            expected: RefCell::default(),
            _listening: tracing::subscriber::set_default(subscriber),
        }
    }

    /// A warning or an error holds this text, or will before the test ends.
    pub(crate) fn expects(&self, text: &str) {
        self.expected.borrow_mut().push(text.to_owned());
    }

    /// Waits until a warning or an error holds this text, which is expected then.
    pub(crate) async fn says(&self, text: &str) {
        self.expects(text);
        while !self.troubles.lock().iter().any(|line| line.contains(text)) {
            tokio::task::yield_now().await;
        }
    }

    /// Fails if there is a warning or an error that nobody expected, or none that somebody did.
    pub(crate) fn is_as_expected(&self) {
        let mut troubles = self.troubles.lock().clone();
        for text in self.expected.borrow().iter() {
            let before = troubles.len();
            troubles.retain(|line| !line.contains(text));
            assert!(
                troubles.len() < before,
                "no warning says `{text}`: {troubles:#?}"
            );
        }
        assert!(troubles.is_empty(), "unexpected in the log: {troubles:#?}");
    }
}

/// The warnings and errors, a line each.
#[derive(Clone, Debug, Default)]
struct Troubles(Arc<Mutex<Vec<String>>>);

impl Troubles {
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().expect("nobody panics with it")
    }
}

impl<S: Subscriber> Layer<S> for Troubles {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::WARN {
            let mut line = Line(event.metadata().level().to_string());
            event.record(&mut line);
            self.lock().push(line.0);
        }
    }
}

/// An entry as text: its level, and every field.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
        written.expect("a string takes everything");
    }
}
