package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// upload takes the file of a multipart form, of any size, and answers with the handle by which a document is made of it.
func (c *call) upload(dst []byte) ([]byte, error) {
	var err error
	if c.params, err = parseParams(c.request.URL.RawQuery); err != nil {
		return nil, err
	}
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	if c.request.Method != http.MethodPost {
		return nil, unsupported("upload is not an operation for %s", c.request.Method)
	}
	form, err := c.request.MultipartReader()
	if err != nil {
		return nil, invalid("the upload is not a multipart form")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, invalid("Invalid Parameter: uploadedFile value \"\"")
		}
		if err != nil {
			return nil, &apiError{status: http.StatusBadRequest, message: "the request could not be read"}
		}
		// FileName would cut a path off, and here it is to be seen what came.
		_, disposition, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		name, isFile := disposition["filename"]
		if !isFile || part.FormName() != "uploadedFile" {
			continue
		}
		sum := sha256.New()
		source := &watchedReader{Reader: io.TeeReader(part, sum)}
		handle, err := c.tenant.store.Upload(part.FileName(), source)
		if !source.failed && err == nil {
			_, err := io.Copy(io.Discard, c.request.Body) // a form that is cut behind the file is none
			source.failed = err != nil
		}
		if source.failed {
			return nil, &apiError{status: http.StatusBadRequest, message: "the request could not be read"}
		}
		if err != nil {
			return nil, err
		}
		c.tenant.taken(Upload{Handle: handle, Name: name, Size: source.size, SHA256: hex.EncodeToString(sum.Sum(nil))})
		return append(dst, `{"handle":"`+handle+`"}`...), nil
	}
}

// watchedReader tells a sender that failed from a disk that did.
type watchedReader struct {
	io.Reader
	size   int64
	failed bool
}

func (r *watchedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.size += int64(n)
	r.failed = err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// download answers with a document's file, or the part of it that is asked for. The name is percent-encoded, as
// Workfront sends it.
func (t *Tenant) download(w http.ResponseWriter, r *http.Request) {
	if _, _, err := t.whoAsks(r.Header, r.URL.Query().Get("sessionID")); err != nil {
		writeError(w, err)
		return
	}
	file, err := t.store.Download(r.URL.Query().Get("ID"))
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+url.PathEscape(file.Name)+`"`)
	http.ServeContent(w, r, "", file.Modified, file)
}

// batch does several requests in one: uri=path?query&method=GET, repeated. With atomic=true all are done or none is,
// and the answer is no more than that.
func (c *call) batch(dst []byte) ([]byte, error) {
	if c.method != http.MethodPost {
		return nil, unsupported("batch is not an operation for %s", c.method)
	}
	uris := c.params.All("uri")
	if len(uris) == 0 || len(uris) > 100 {
		return nil, invalid("a batch has 1 to 100 requests, not %d", len(uris))
	}
	calls := make([]*call, len(uris))
	for i, uri := range uris {
		var err error
		if calls[i], err = c.inside(uri); err != nil && c.params.Get("atomic") == "true" {
			return nil, err
		} else if err != nil {
			calls[i] = &call{failed: err}
		}
	}
	if c.params.Get("atomic") == "true" {
		return c.atomicBatch(dst, calls)
	}
	dst = append(dst, '[')
	for i, one := range calls {
		if i > 0 {
			dst = append(dst, ',')
		}
		answer, err := []byte(nil), one.failed
		if err == nil {
			answer, err = one.dispatch([]byte(`{"data":`))
		}
		if err != nil {
			_, answer = errorBody(err)
			dst = append(dst, answer...)
			continue
		}
		dst = append(append(dst, answer...), '}')
	}
	return append(dst, ']'), nil
}

// inside is one request of a batch, of whoever sent it.
func (c *call) inside(uri string) (*call, error) {
	parsed, err := url.Parse(uri)
	if err != nil {
		return nil, invalid("Invalid Parameter: uri value %q", uri)
	}
	one := *c
	one.request = &http.Request{Method: http.MethodGet, URL: parsed, Header: c.request.Header, Host: c.request.Host, TLS: c.request.TLS}
	one.path = splitPath(parsed.Path)
	if one.params, err = parseParams(parsed.RawQuery); err != nil {
		return nil, err
	}
	if len(one.path) == 1 && (one.path[0] == "batch" || one.path[0] == "logout") {
		return nil, unsupported("a batch cannot hold %s", one.path[0])
	}
	return &one, one.readMethod()
}

func (c *call) atomicBatch(dst []byte, calls []*call) ([]byte, error) {
	requests := make([]objectstore.Request, len(calls))
	for i, one := range calls {
		if len(one.path) == 0 {
			return nil, unsupported("you must specify an object")
		}
		err := c.tenant.store.Known(one.path[0], c.model)
		if err == nil {
			requests[i], err = one.storeRequest()
		}
		if err != nil {
			return nil, err
		}
	}
	if err := c.tenant.store.Atomic(requests); err != nil {
		return nil, err
	}
	return append(dst, `{"success":true}`...), nil
}
