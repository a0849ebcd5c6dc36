//! What a viewer asks for, and what is done about it.

use eyeline_hub::Wish;
use eyeline_media::StreamId;
use eyeline_output::websocket;
use tokio::io::{AsyncRead, AsyncWrite};

use super::session::Session;
use crate::ws::limits::STREAMS;
use crate::ws::messages::{Message, Refusal, unknown_type};
use crate::ws::replies;

const MESSAGES: &str = "join_stream, leave_stream, set_quality, feedback and clock";

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Does what a message says, or says why not.
    pub(super) fn hear(&mut self, text: &str) {
        let done = Message::parse(text).and_then(|message| self.act(message));
        if let Err(refusal) = done {
            self.refuse(refusal);
        }
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.socket.reply(replies::error(refusal));
    }

    fn act(&mut self, mut message: Message) -> Result<(), Refusal> {
        match message.kind() {
            "join_stream" => {
                let id = message.stream_id()?;
                let wish = message.wish().map_err(|refusal| refusal.of(&id))?;
                self.join_or_wish(&id, wish)
                    .map_err(|refusal| refusal.of(&id))
            }
            "leave_stream" => {
                let id = message.stream_id()?;
                let index = self.find(&id)?;
                self.leave(index, "the viewer left");
                Ok(())
            }
            "set_quality" => self.set_quality(&message),
            "feedback" => {
                let id = message.stream_id()?;
                let index = self.find(&id)?;
                let feedback = message.feedback().map_err(|refusal| refusal.of(&id))?;
                self.joined[index].view.report(feedback);
                Ok(())
            }
            "clock" => {
                let clock = self.viewer.server.app.hub.clock();
                let reply = replies::clock(clock, message.take("sent"));
                self.socket.reply(reply);
                Ok(())
            }
            other => Err(unknown_type(other, MESSAGES)),
        }
    }

    fn join_or_wish(&mut self, id: &StreamId, wish: Wish) -> Result<(), Refusal> {
        if let Ok(index) = self.find(id) {
            return self.set_wish(index, wish);
        }
        // One stream at a time where pictures do not say of which they are.
        let alone = std::ptr::eq(self.viewer.container, &raw const websocket::JPEG);
        if self.joined.len() >= STREAMS && !alone {
            let why = format!("{STREAMS} streams are joined on this socket; that is the limit");
            return Err(Refusal::new("too_many_streams", why));
        }
        let view = self.viewer.look(id, wish)?;
        if alone && !self.joined.is_empty() {
            self.leave(0, "another stream was joined");
        }
        self.join(view);
        Ok(())
    }

    fn set_quality(&mut self, message: &Message) -> Result<(), Refusal> {
        let id = message.some_stream_id()?;
        let wish = message.wish()?;
        if let Some(id) = id {
            let index = self.find(&id)?;
            return self.set_wish(index, wish);
        }
        if self.joined.is_empty() {
            let why = "no stream is joined on this socket";
            return Err(Refusal::new("unknown_stream", why));
        }
        for index in 0..self.joined.len() {
            if let Err(refusal) = self.set_wish(index, wish) {
                self.refuse(refusal);
            }
        }
        Ok(())
    }

    fn set_wish(&mut self, index: usize, wish: Wish) -> Result<(), Refusal> {
        let view = &mut self.joined[index].view;
        let id = view.stream().id().clone();
        let set = view.set_wish(wish);
        set.map_err(|error| Refusal::from(error).of(&id))?;
        self.tell(index);
        Ok(())
    }

    fn find(&self, id: &StreamId) -> Result<usize, Refusal> {
        let mut joined = self.joined.iter();
        let found = joined.position(|joined| joined.view.stream().id() == id);
        found.ok_or_else(|| {
            let why = format!("{id} is not joined on this socket");
            Refusal::new("unknown_stream", why).of(id)
        })
    }
}
