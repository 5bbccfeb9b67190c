package workfront

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxWhole bounds what of an answer is held in memory to be looked at as a whole. A page of 2,000 rows is about a tenth of it.
const maxWhole = 16 << 20

// decode gives the body of resp without its gzip, whether that was asked for or not, and corrects the header.
func decode(resp *http.Response) (io.Reader, error) {
	if e := resp.Header.Get("Content-Encoding"); !strings.EqualFold(e, "gzip") && !strings.EqualFold(e, "x-gzip") {
		return resp.Body, nil
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	z, err := gzip.NewReader(resp.Body)
	if errors.Is(err, io.EOF) { // no body at all, as for HEAD
		return http.NoBody, nil
	}
	if err != nil {
		return nil, fmt.Errorf("unpack the answer: %w", err)
	}
	return z, nil
}

// read reads the answer as far as it must be known before anything of it is handed out, and tells what it is.
// q is what was asked for, l the request that brought the answer.
func (c *Client) read(q *call, l leg, resp *http.Response) outcome {
	left := l.session == nil
	host := l.url.Host
	r, err := decode(resp)
	if err != nil {
		resp.Body.Close()
		return outcome{err: fmt.Errorf("%s: %w", host, err), again: ifReading}
	}
	answer := &Response{Status: resp.StatusCode, Proto: resp.Proto, Header: resp.Header, Body: readCloser{r, resp.Body}}
	good := resp.StatusCode/100 == 2 || resp.StatusCode == http.StatusNotModified
	if good && !q.api() {
		return outcome{resp: answer, honoured: !left}
	}

	body, whole, err := readWhole(r, resp.ContentLength)
	if err != nil {
		resp.Body.Close()
		return outcome{err: fmt.Errorf("%s: %w", host, err), again: ifReading}
	}
	if whole {
		resp.Body.Close()
		answer.Body = newWholeBody(body)
	} else {
		answer.Body = readCloser{io.MultiReader(bytes.NewReader(body), r), resp.Body}
		if good {
			return outcome{resp: answer, honoured: !left}
		}
	}

	v, err := judge(body)
	v.message = hide(v.message, l.session)
	page := err != nil && looksHTML(body)
	switch {
	case page && good && l.url != q.url:
		answer.Body.Close()
		return loginPage(resp)
	case left && !good:
		answer.Body.Close()
		return outcome{err: fmt.Errorf("%s redirects to %s, which answered %d", q.url.Host, host, resp.StatusCode), again: againAfter(resp.StatusCode)}
	case page && good:
		answer.Body.Close()
		return outcome{err: fmt.Errorf("%s answered with an HTML page%s where the API answers JSON", host, quoted(v.message)), again: ifReading}
	case errors.Is(err, io.ErrUnexpectedEOF) && good && whole:
		answer.Body.Close()
		return outcome{err: fmt.Errorf("%s: the answer was cut after %d bytes", host, len(body)), again: ifReading}
	case good && !v.refused:
		return outcome{resp: answer, honoured: !left}
	case v.refused || resp.StatusCode/100 == 4:
		refusal := &Refusal{Status: resp.StatusCode, Class: v.class, Message: cmp.Or(v.message, statusText(resp.StatusCode))}
		if resp.StatusCode == http.StatusGone {
			refusal.Message += "; " + explainGone(q.url.Path, time.Now())
		}
		refusal.SessionGone = sessionGone(refusal.Status, refusal.Class, refusal.Message)
		return outcome{resp: answer, err: refusal, gone: refusal.SessionGone, again: againAfter(resp.StatusCode), after: retryAfter(resp.Header)}
	default:
		answer.Body.Close()
		return outcome{
			err:   fmt.Errorf("%s answered %d %s%s", host, resp.StatusCode, statusText(resp.StatusCode), quoted(v.message)),
			again: againAfter(resp.StatusCode), after: retryAfter(resp.Header),
		}
	}
}

// loginPage is the outcome of a request that was led to a page to sign in at, instead of an answer.
func loginPage(resp *http.Response) outcome {
	return outcome{
		resp: &Response{Status: resp.StatusCode, Proto: resp.Proto, Header: resp.Header, Body: http.NoBody},
		err:  &Refusal{Status: resp.StatusCode, Message: "you are not logged in: the request was redirected to a sign-in page", SessionGone: true},
		gone: true,
	}
}

// readWhole reads r up to maxWhole bytes and tells whether that was all. size is what is expected, if positive.
func readWhole(r io.Reader, size int64) (body []byte, whole bool, err error) {
	var b bytes.Buffer
	b.Grow(int(min(max(size, 512)+bytes.MinRead, maxWhole)))
	if _, err := b.ReadFrom(io.LimitReader(r, maxWhole)); err != nil {
		return nil, false, cutAfter(b.Len(), err)
	}
	return b.Bytes(), b.Len() < maxWhole, nil
}

// cutAfter tells how far reading got, where err does not tell it by itself.
func cutAfter(n int, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) {
		return fmt.Errorf("the answer was cut after %d bytes: %w", n, err)
	}
	return err
}

// readCloser closes another thing than it reads.
type readCloser struct {
	io.Reader
	io.Closer
}

// hide keeps a server that echoes the credentials from putting them into a message.
func hide(message string, session http.Header) string {
	for _, values := range session {
		for _, v := range values {
			if v != "" {
				message = strings.ReplaceAll(message, v, "***")
			}
		}
	}
	return message
}

func quoted(message string) string {
	if message == "" {
		return ""
	}
	return fmt.Sprintf(" (%q)", message)
}

func statusText(status int) string {
	return cmp.Or(strings.ToLower(http.StatusText(status)), "an unknown status")
}
