package workfront

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// decode gives the body of resp without its gzip, whether that was asked for or not, and corrects the header. What is only said to be
// packed is read as it is.
func decode(resp *http.Response) (io.Reader, error) {
	if e := resp.Header.Get("Content-Encoding"); !strings.EqualFold(e, "gzip") && !strings.EqualFold(e, "x-gzip") {
		return resp.Body, nil
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	body := bufio.NewReader(resp.Body)
	magic, err := body.Peek(2)
	switch {
	case errors.Is(err, io.EOF) && len(magic) == 0: // no body at all, as for HEAD
		return http.NoBody, nil
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case string(magic) != "\x1f\x8b":
		return body, nil
	}
	z, err := gzip.NewReader(body)
	if err != nil {
		return nil, unpacking(err)
	}
	return unpacked{z}, nil
}

// unpacked says what its errors are about.
type unpacked struct{ z *gzip.Reader }

func (u unpacked) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unpacking(err)
	}
	return n, err
}

func unpacking(err error) error { return fmt.Errorf("unpack the answer: %w", err) }

// cutAfter tells how far reading got, where err does not tell it by itself.
func cutAfter(n int, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) {
		return fmt.Errorf("the answer was cut after %d bytes: %w", n, err)
	}
	return err
}
