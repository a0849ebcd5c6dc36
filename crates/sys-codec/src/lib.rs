//! The fence around the image codecs: JPEG encode, scaled decode, plane scaling.
