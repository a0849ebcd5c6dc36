//! For what seldom happens to a task that is woken all the time: it is looked at only when it has
//! rung. A viewer's task is woken for every picture, and to ask its timers, its client and the
//! server's end each time costs as much as to find the picture.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Looks at something when its waker was woken since the last look, and not whenever the task is.
#[derive(Default)]
pub struct Bell {
    rope: Option<Rope>,
}

struct Rope {
    bell: Arc<Ringing>,
    /// Rings the bell.
    waker: Waker,
    /// The task that it wakes, as it was last told.
    task: Waker,
}

struct Ringing {
    rung: AtomicBool,
    task: Mutex<Waker>,
}

impl Wake for Ringing {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        task.wake_by_ref();
    }
}

impl Bell {
    /// Looks if it is the first time, if the look before found something, or if the waker that it was
    /// given was woken; else nothing is ready.
    pub fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        look: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let rope = self.rope.get_or_insert_with(|| Rope::of(cx.waker()));
        rope.follow(cx.waker());
        // To look is cheaper than to swap; who rings behind this wakes the task for another look.
        let rung = &rope.bell.rung;
        if !(rung.load(Ordering::Relaxed) && rung.swap(false, Ordering::AcqRel)) {
            return Poll::Pending;
        }
        let found = look(&mut Context::from_waker(&rope.waker));
        if found.is_ready() {
            rope.bell.rung.store(true, Ordering::Release);
        }
        found
    }
}

impl Rope {
    fn of(task: &Waker) -> Self {
        let bell = Arc::new(Ringing {
            rung: AtomicBool::new(true),
            task: Mutex::new(task.clone()),
        });
        Self {
            waker: Arc::clone(&bell).into(),
            bell,
            task: task.clone(),
        }
    }

    /// Another task may have come to look.
    fn follow(&mut self, task: &Waker) {
        if !self.task.will_wake(task) {
            self.task.clone_from(task);
            let mut told = self
                .bell
                .task
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            told.clone_from(task);
        }
    }
}

/// Waits for what seldom happens, beside what wakes the task all the time.
pub async fn seldom<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut bell = Bell::default();
    poll_fn(|cx| bell.poll(cx, |cx| future.as_mut().poll(cx))).await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Task {
        fn woken(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn it_looks_first_and_then_only_when_it_rings() {
        let task = Arc::new(Task::default());
        let waker = Arc::clone(&task).into();
        let mut cx = Context::from_waker(&waker);
        let (mut bell, mut looks, mut rope) = (Bell::default(), 0, None);
        let mut look = |cx: &mut Context<'_>, found| {
            let polled = bell.poll(cx, |cx| {
                looks += 1;
                rope = Some(cx.waker().clone());
                found
            });
            (polled, looks, rope.clone())
        };
        assert_eq!(look(&mut cx, Poll::Pending::<()>).1, 1);
        let (polled, looks, rope) = look(&mut cx, Poll::Ready(()));
        assert_eq!((polled, looks), (Poll::Pending, 1));
        rope.unwrap().wake();
        assert_eq!(task.woken(), 1);
        let (polled, looks, _) = look(&mut cx, Poll::Ready(()));
        assert_eq!((polled, looks), (Poll::Ready(()), 2));
        let (polled, looks, _) = look(&mut cx, Poll::Pending);
        assert_eq!((polled, looks), (Poll::Pending, 3), "there may be more");
    }

    #[test]
    fn it_wakes_the_task_that_looked_last() {
        let [first, second] = [(); 2].map(|()| Arc::new(Task::default()));
        let mut bell = Bell::default();
        let mut rope = None;
        for task in [&first, &second] {
            let waker = Arc::clone(task).into();
            let polled = bell.poll(&mut Context::from_waker(&waker), |cx| {
                rope = Some(cx.waker().clone());
                Poll::Pending::<()>
            });
            assert!(polled.is_pending());
        }
        rope.unwrap().wake();
        assert_eq!((first.woken(), second.woken()), (0, 1));
    }
}
