//! What others keep beside a stream, one of each type.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use crate::sync::{Mutex, lock};

/// Values by their types.
pub(crate) struct Beside(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Beside {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// The one of this type, which is made when it is first asked for.
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut kept = lock(&self.0);
        let value = kept
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(T::default()));
        // What is kept under a type is of that type.
        Arc::clone(value).downcast().unwrap_or_default()
    }
}
