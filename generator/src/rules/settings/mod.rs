//! Settings of the servers: which there are, what they may be, secrets among them.

pub(in crate::rules) mod class_names;
pub(in crate::rules) mod effective;
pub(in crate::rules) mod needs;
pub(in crate::rules) mod owned_value;
pub(in crate::rules) mod provider_places;
pub(in crate::rules) mod settings_view;

crate::rules::area! {
    owned_setting
    setting_value
    setting_typo
    setting_other_version
    setting_unknown
    settings_together
    fatal_setting
    unknown_topic_setting
    unread_security
    secret_in_text
    reference
    list_separator
    guards_off
    class_missing
    class_foreign
    unread_setting
    extra_jars
    early_listener
}
