package gateway

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

// accepts tells whether a caller has asked for a coding by its name (RFC 9110, 12.5.3).
func accepts(h http.Header, coding string) bool {
	for item := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		name, parameters, err := mime.ParseMediaType(item)
		if err == nil && strings.EqualFold(name, coding) {
			return strings.Trim(parameters["q"], "0.") != "" || parameters["q"] == ""
		}
	}
	return false
}

// packs tells a content type that gets smaller.
func packs(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml")
}

// pack compresses an answer that has been looked into. It is no longer, byte for byte, what its tag is of.
func pack(resp *http.Response) {
	h := resp.Header
	packedHeader(h)
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("Etag", "W/"+tag)
	}
	resp.Body = readCloser{newPacker(resp.Body), resp.Body}
}

func packedHeader(h http.Header) {
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
}

// packer reads what it packs. The way is short, so it had better be fast.
type packer struct {
	r     io.Reader
	z     *gzip.Writer
	ready bytes.Buffer
	chunk []byte
	err   error
}

func newPacker(r io.Reader) *packer {
	p := &packer{r: r, chunk: make([]byte, 32<<10)}
	p.z, _ = gzip.NewWriterLevel(&p.ready, gzip.BestSpeed) // a constant level has no error
	return p
}

func (p *packer) Read(b []byte) (int, error) {
	for p.ready.Len() == 0 {
		if p.err != nil {
			return 0, p.err
		}
		var n int
		n, p.err = p.r.Read(p.chunk)
		_, _ = p.z.Write(p.chunk[:n]) // to memory
		if errors.Is(p.err, io.EOF) {
			_ = p.z.Close()
		}
	}
	return p.ready.Read(b)
}
