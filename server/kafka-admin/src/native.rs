//! Owners for librdkafka's objects, and readers that copy out of them.

use std::{
    ffi::{CStr, c_char, c_int},
    ptr::NonNull,
    time::Duration,
};

use rdkafka_sys as sys;

use crate::{AdminError, Failure, Isolation};

// A broker may answer with an error code that this librdkafka does not know. rdkafka-sys declares these functions
// with an enum, for which such a value would be undefined behaviour, so they are declared here with the integer
// that C really passes.
mod codes {
    use std::ffi::{c_char, c_int};

    unsafe extern "C" {
        pub(super) fn rd_kafka_error_code(error: *const rdkafka_sys::rd_kafka_error_t) -> c_int;
        pub(super) fn rd_kafka_event_error(event: *mut rdkafka_sys::rd_kafka_event_t) -> c_int;
        pub(super) fn rd_kafka_err2str(code: c_int) -> *const c_char;
    }
}

/// The options of one request.
pub(crate) struct Options(NonNull<sys::rd_kafka_AdminOptions_t>);

impl Options {
    /// # Safety
    /// `client` is a live client.
    pub(crate) unsafe fn new(
        client: *mut sys::rd_kafka_t,
        operation: sys::rd_kafka_admin_op_t,
        timeout: Duration,
    ) -> Result<Self, AdminError> {
        // SAFETY: the caller vouches for the client; the result is ours to destroy.
        let options = unsafe { sys::rd_kafka_AdminOptions_new(client, operation) };
        let options = Self(NonNull::new(options).ok_or(AdminError::Closed)?);
        let millis = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
        let mut text = [0 as c_char; 256];
        // SAFETY: options are live, and the buffer is as long as told.
        unsafe {
            sys::rd_kafka_AdminOptions_set_request_timeout(
                options.ptr(),
                millis,
                text.as_mut_ptr(),
                text.len(),
            );
        }
        // SAFETY: librdkafka ends the text with a zero where it wrote one, and the buffer began as zeros.
        let text = unsafe { text_of(text.as_ptr()) };
        if text.is_empty() { Ok(options) } else { Err(Failure::new(-1, text).into()) }
    }

    /// What the reply event will carry, so that it finds who asked.
    pub(crate) fn set_ticket(&mut self, ticket: usize) {
        // SAFETY: options are live; librdkafka hands the value back and never follows it.
        unsafe {
            sys::rd_kafka_AdminOptions_set_opaque(self.ptr(), std::ptr::without_provenance_mut(ticket));
        }
    }

    pub(crate) fn set_isolation(&mut self, isolation: Isolation) -> Result<(), AdminError> {
        let level = match isolation {
            Isolation::ReadUncommitted => {
                sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED
            }
            Isolation::ReadCommitted => {
                sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
            }
        };
        // SAFETY: options are live.
        let error = unsafe { sys::rd_kafka_AdminOptions_set_isolation_level(self.ptr(), level) };
        // SAFETY: the error, if any, is ours: it is read once and destroyed.
        match unsafe { failure_of(error) } {
            None => Ok(()),
            Some(failure) => {
                // SAFETY: not null, since it was read, and nobody else holds it.
                unsafe { sys::rd_kafka_error_destroy(error) };
                Err(failure.into())
            }
        }
    }

    pub(crate) fn ptr(&self) -> *mut sys::rd_kafka_AdminOptions_t {
        self.0.as_ptr()
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and librdkafka copies options when a request is sent.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.ptr()) };
    }
}

/// A reply, destroyed with everything that was read from it.
pub(crate) struct Event(NonNull<sys::rd_kafka_event_t>);

impl Event {
    /// Takes ownership; `None` for a null pointer.
    ///
    /// # Safety
    /// The event comes from `rd_kafka_queue_poll` and is owned by nobody else.
    pub(crate) unsafe fn from_ptr(event: *mut sys::rd_kafka_event_t) -> Option<Self> {
        NonNull::new(event).map(Self)
    }

    pub(crate) fn ptr(&self) -> *mut sys::rd_kafka_event_t {
        self.0.as_ptr()
    }

    pub(crate) fn ticket(&self) -> usize {
        // SAFETY: the event is live; the value is the number that `set_ticket` gave.
        unsafe { sys::rd_kafka_event_opaque(self.ptr()) }.addr()
    }

    /// Why the whole request failed.
    pub(crate) fn failure(&self) -> Option<Failure> {
        // SAFETY: the event is live.
        let code = unsafe { codes::rd_kafka_event_error(self.ptr()) };
        if code == 0 {
            return None;
        }
        // SAFETY: the event is live, and its text lives as long as it does.
        let text = unsafe { text_of(sys::rd_kafka_event_error_string(self.ptr())) };
        Some(Failure::new(code, text))
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: owned since `from_ptr`.
        unsafe { sys::rd_kafka_event_destroy(self.ptr()) };
    }
}

/// Copies a C string; empty for a null pointer, lossy where it is not UTF-8.
///
/// # Safety
/// Null, or a zero-terminated text that stays while this runs.
pub(crate) unsafe fn text_of(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: by the caller.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Reads an error; `None` for a null pointer and for "no error".
///
/// # Safety
/// Null, or a live error.
pub(crate) unsafe fn failure_of(error: *const sys::rd_kafka_error_t) -> Option<Failure> {
    if error.is_null() {
        return None;
    }
    // SAFETY: by the caller.
    let code = unsafe { codes::rd_kafka_error_code(error) };
    if code == 0 {
        return None;
    }
    // SAFETY: by the caller; the text lives as long as the error.
    Some(Failure::new(code, unsafe { text_of(sys::rd_kafka_error_string(error)) }))
}

/// Reads the error code of one partition; `None` for "no error".
///
/// # Safety
/// `partition` points to a live partition.
pub(crate) unsafe fn partition_failure(partition: *const sys::rd_kafka_topic_partition_t) -> Option<Failure> {
    // SAFETY: the field is a C enum, so as wide as an int; it is read as one because a newer broker's code may be
    // none of the Rust enum's. `&raw` makes no reference to the field.
    let code = unsafe { (&raw const (*partition).err).cast::<c_int>().read() };
    if code == 0 {
        return None;
    }
    // SAFETY: takes any number, and gives a text that lives for ever.
    Some(Failure::new(code, unsafe { text_of(codes::rd_kafka_err2str(code)) }))
}

/// An array of pointers that librdkafka owns, as a slice.
///
/// # Safety
/// Null, or `count` pointers that stay while the slice is used.
pub(crate) unsafe fn pointers<'a, T>(array: *mut *const T, count: usize) -> &'a [*const T] {
    if array.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: by the caller.
    unsafe { std::slice::from_raw_parts(array, count) }
}

/// Pointers to the partitions of a list that librdkafka owns; none for a null pointer. No references, since a
/// partition's error code may be none of the Rust enum's.
///
/// # Safety
/// Null, or a list that stays while the pointers are used.
pub(crate) unsafe fn partitions(
    list: *const sys::rd_kafka_topic_partition_list_t,
) -> impl Iterator<Item = *const sys::rd_kafka_topic_partition_t> {
    let (elements, count) = if list.is_null() {
        (std::ptr::null_mut(), 0)
    } else {
        // SAFETY: by the caller.
        unsafe { ((*list).elems, usize::try_from((*list).cnt).unwrap_or(0)) }
    };
    // Wrapping, so that nothing unsafe is done here: by the caller, the elements are an array of `count`.
    (0..count).map(move |n| elements.wrapping_add(n).cast_const())
}
