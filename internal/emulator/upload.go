package emulator

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
)

// Upload is a file that was posted to /upload.
type Upload struct {
	Handle string // by which a document would be made of it
	Name   string // as it was sent
	Size   int64
	SHA256 string // of its bytes, in hex
}

// Uploads are those that the tenant has taken, in their order.
func (t *Tenant) Uploads() []Upload {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.uploads)
}

// upload takes the file in the field uploadedFile of a form, and gives a handle for it. Nothing of it is kept but what [Upload] says.
// As some fronts of Workfront do, it insists on a stated length.
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
	if c.request.ContentLength < 0 {
		return nil, &apiError{status: http.StatusLengthRequired, message: "a length is required"}
	}
	form, err := c.request.MultipartReader()
	if err != nil {
		return nil, invalid("upload wants multipart/form-data")
	}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, invalid("upload wants a file in the field uploadedFile")
		case err != nil:
			return nil, &apiError{status: http.StatusBadRequest, message: "the request could not be read"}
		}
		// FileName would cut a path off, and here it is to be seen what came.
		_, disposition, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		name, isFile := disposition["filename"]
		if !isFile || part.FormName() != "uploadedFile" {
			continue
		}
		sum := sha256.New()
		size, err := io.Copy(sum, part)
		if err == nil {
			_, err = io.Copy(io.Discard, c.request.Body)
		}
		if err != nil {
			return nil, &apiError{status: http.StatusBadRequest, message: "the request could not be read"}
		}
		u := Upload{Name: name, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}
		handle := make([]byte, 16)
		_, _ = rand.Read(handle) // never fails
		u.Handle = hex.EncodeToString(handle)
		c.tenant.mu.Lock()
		c.tenant.uploads = append(c.tenant.uploads, u)
		c.tenant.mu.Unlock()
		return append(dst, `{"handle":"`+u.Handle+`"}`...), nil
	}
}
