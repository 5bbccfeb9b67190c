package workfront

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// payload is the body of a request. A nil payload is none.
type payload struct {
	open   func() io.Reader // from the beginning
	length int64            // -1: not known
	pipe   bool             // open works only while nothing was read
	begun  atomic.Bool      // something was read; the transport may still be reading when the next attempt asks
}

func textPayload(s string) *payload {
	return &payload{open: func() io.Reader { return strings.NewReader(s) }, length: int64(len(s))}
}

// inputPayload sends what is left of r. A file is read at offsets of its own, for a transport that gave up may still be reading.
func inputPayload(r io.Reader) *payload {
	if f, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	}); ok {
		start, err := f.Seek(0, io.SeekCurrent)
		if err == nil {
			end, err := f.Seek(0, io.SeekEnd)
			// Devices claim to seek and to be empty; they are streamed.
			if err == nil && end > start {
				return &payload{open: func() io.Reader { return io.NewSectionReader(f, start, end-start) }, length: end - start}
			}
		}
	}
	p := &payload{length: -1, pipe: true}
	p.open = func() io.Reader { return beginning{r, &p.begun} }
	return p
}

// sendable tells whether the body can be sent from its beginning.
func (p *payload) sendable() bool { return p == nil || !p.pipe || !p.begun.Load() }

// askFirst is from how many bytes on a server is asked whether it wants a body. Without, one that refuses a session closes the
// connection in the middle of the body, and its answer is lost.
const askFirst = 1 << 20

// attach makes p the body of req, which may change something or not.
//
// net/http repeats requests by itself: whatever it had not yet begun to write, and, when an idle connection proves dead, also a GET that
// it had written, provided that it can get the body again. "GET …?method=delete" must not be done twice, so what changes something under
// a reading verb gets a body that cannot be had again; where it is empty, it is not sent.
func (p *payload) attach(req *http.Request, changes bool) {
	guarded := changes && (req.Method == http.MethodGet || req.Method == http.MethodHead || req.Method == http.MethodOptions)
	if p != nil && p.length > askFirst {
		req.Header.Set("Expect", "100-continue")
		req.ProtoMajor, req.ProtoMinor = 1, 1 // net/http heeds it in no earlier version
	}
	switch {
	case p != nil:
		req.Body, req.ContentLength = io.NopCloser(p.open()), p.length
		if !p.pipe && !guarded {
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(p.open()), nil }
		}
	case guarded:
		req.Body = io.NopCloser(strings.NewReader(""))
	}
}

// beginning notes that r was read from.
type beginning struct {
	r     io.Reader
	begun *atomic.Bool
}

func (b beginning) Read(p []byte) (int, error) {
	b.begun.Store(true)
	return b.r.Read(p)
}
