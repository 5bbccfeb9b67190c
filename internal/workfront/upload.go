package workfront

import (
	"bytes"
	"crypto/rand"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"strings"
)

// File is one file of an upload.
type File struct {
	Key  string // of the form's field
	Name string // by which the server is to know it
	// Content is sent from its beginning to Size, and again where the request is repeated. The caller closes it, after Do has returned.
	Content io.ReaderAt
	Size    int64 // in bytes
}

// IsUpload tells whether a request takes files: its parameters then go as multipart/form-data, and its method is POST unless
// another is given. An Input is sent as it is also there.
func IsUpload(r Request) bool {
	path, _, _ := strings.Cut(r.Path, "?")
	method := strings.ToUpper(r.Method)
	return strings.EqualFold(lastSegment(path), "upload") && r.Input == nil && (method == "" || method == http.MethodPost || method == http.MethodPut)
}

// multipartPayload is a form with files (RFC 7578), of known length: what stands around the files is held, they are read as they
// are sent. The plain fields come first, for a server may want to know them when it meets a file.
func multipartPayload(fields []Field, files []File) (p *payload, contentType string, err error) {
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	if err := w.SetBoundary("wfauth-" + rand.Text()); err != nil {
		return nil, "", err
	}
	var parts []part
	cut := func() {
		text := strings.Clone(frame.String())
		frame.Reset()
		parts = append(parts, part{strings.NewReader(text), int64(len(text))})
	}
	for _, f := range fields {
		if err := w.WriteField(f.Key, f.Value); err != nil {
			return nil, "", err
		}
	}
	for _, f := range files {
		head := textproto.MIMEHeader{
			"Content-Disposition": {multipart.FileContentDisposition(f.Key, f.Name)},
			"Content-Type":        {"application/octet-stream"},
		}
		if _, err := w.CreatePart(head); err != nil {
			return nil, "", err
		}
		cut()
		parts = append(parts, part{f.Content, f.Size})
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	cut()
	p = &payload{}
	for _, part := range parts {
		p.length += part.size
	}
	p.open = func() io.Reader {
		readers := make([]io.Reader, len(parts))
		for i, part := range parts {
			readers[i] = io.NewSectionReader(part.content, 0, part.size)
		}
		return io.MultiReader(readers...)
	}
	return p, w.FormDataContentType(), nil
}

// part is a stretch of a body.
type part struct {
	content io.ReaderAt
	size    int64
}

// Spool keeps what comes from a pipe in a file in folder (empty: the system's for such) that nobody else can read, so that its
// length can be stated, which some fronts of Workfront insist on, and so that it can be sent again. Done removes the file; where
// the system allows it, it has no name from the beginning, and is gone however the program ends.
func Spool(folder string, pipe io.Reader) (content io.ReaderAt, size int64, done func(), err error) {
	file, err := os.CreateTemp(folder, "wfauth-upload-*") // mode 0600
	if err != nil {
		return nil, 0, nil, err
	}
	unnamed := os.Remove(file.Name()) == nil // Windows keeps the name of an open file
	done = func() {
		file.Close()
		if !unnamed {
			os.Remove(file.Name())
		}
	}
	if size, err = io.Copy(file, pipe); err != nil {
		done()
		return nil, 0, nil, err
	}
	return file, size, done, nil
}
