//! The life of a broker.

mod broker;
mod directories;
mod log_dirs;
mod loading;
mod link;
mod cluster_id;
mod registration;
mod watch;
mod stop;
mod fail_over;

use anyhow::Result;

use crate::child::Java;
use crate::exit::STOPPED;
use crate::notify::{Phase, StatusReporter};
use crate::options;
use crate::signals::Signals;
use crate::{addresses, runtime, stores, supervise};
use broker::Broker;
use fail_over::Session;
use link::Link;
use loading::Loading;
use log_dirs::LogDirs;
use watch::Beginning;

pub fn run(this: &[&str], options: &options::Kafka, reporter: &StatusReporter) -> Result<u8> {
    runtime()?.block_on(async {
        let mut signals = Signals::new()?;
        let broker = Broker::read(options)?;
        let found = directories::take(&broker)?;
        let mut link = Link::new(&broker.ensemble);
        let work = async {
            addresses::wait_until_here(&broker.addresses(), reporter).await?;
            stores::wait_until_here(&broker.stores, reporter).await;
            registration::wait_until_free(&broker, &found, &mut link, reporter).await
        };
        if supervise::before(&mut signals, work).await?.is_none() {
            return Ok(STOPPED);
        }
        let beginning = if found.unclean { Beginning::Recovering } else { Beginning::Clean };
        reporter.say(Phase::Starting, beginning.status());
        let log_dirs = LogDirs::new(&broker.directories, &found.usable);
        let session = Session::default();
        let loading = Loading::default();
        let seen = loading.clone();
        let beginning = || loading.says(beginning.status());
        let watch = watch::watch(&broker, beginning, &mut link, &session, &log_dirs, reporter);
        let java = Java::of(this, &options.java(), "kafka", Box::new(move |text| seen.note(text)))?;
        let stopping = async || stop::stopping(&broker, &found.usable, &log_dirs, reporter);
        let ended = supervise::live(java, &mut signals, reporter, watch, stopping).await?;
        if !ended.orderly {
            fail_over::release(&broker, &session, &mut link).await;
        }
        Ok(ended.status)
    })
}
