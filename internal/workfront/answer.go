package workfront

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// maxWhole bounds what of an answer is held in memory to be looked at as a whole, in bytes. A page of 2,000 rows is about a tenth of it.
	maxWhole = 16 << 20
	// maxRefusal bounds what is read of an answer that is none, in bytes.
	maxRefusal = 1 << 20
)

// read reads the answer as far as it must be known before anything of it is handed out, and tells what it is.
// q is what was asked for, l the request that brought the answer.
func (c *Client) read(q *call, l leg, resp *http.Response) outcome {
	good := resp.StatusCode/100 == 2 || resp.StatusCode == http.StatusNotModified
	r, err := decode(resp)
	answer := &Response{Status: resp.StatusCode, Proto: resp.Proto, Header: resp.Header, Body: readCloser{r, resp.Body}}
	if err == nil && good && !q.api() {
		return c.file(l, answer)
	}
	var body []byte
	whole := true
	if err == nil {
		body, whole, err = readWhole(r, resp.ContentLength, good)
	}
	if err != nil && good {
		resp.Body.Close()
		return outcome{err: fmt.Errorf("%s: %w", l.url.Host, err), again: ifReading, burden: doubtful, unsure: true}
	}
	if whole || !good {
		resp.Body.Close()
		answer.Body = newWholeBody(body)
	} else { // too large to be anything but data
		answer.Body = readCloser{io.MultiReader(bytes.NewReader(body), r), resp.Body}
		return outcome{resp: answer, honoured: l.session != nil}
	}
	v, err := judge(body)
	v.message = hide(v.message, l.session)
	if !whole {
		v.message = strings.TrimSpace(v.message + fmt.Sprintf(" (only the first %d MiB of the answer were read)", maxRefusal>>20))
	}
	if good {
		return c.success(q, l, answer, body, v, err)
	}
	return c.failure(q, l, answer, v)
}

// success tells what an answer of the API with a good status is.
func (c *Client) success(q *call, l leg, answer *Response, body []byte, v verdict, err error) outcome {
	switch host := l.url.Host; {
	case err != nil && looksHTML(body) && (l.url != q.url || isSignIn(body)):
		return loginPage(answer)
	case err != nil && looksHTML(body):
		return outcome{err: fmt.Errorf("%s answered with an HTML page%s where the API answers JSON", host, quoted(v.message)), unsure: true}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return outcome{err: fmt.Errorf("%s: the answer was cut after %d bytes", host, len(body)), again: ifReading, burden: doubtful, unsure: true}
	case v.refused:
		return refused(q, answer, v)
	}
	return outcome{resp: answer, honoured: l.session != nil}
}

// failure tells what an answer with a bad status is, whatever its body.
func (c *Client) failure(q *call, l leg, answer *Response, v verdict) outcome {
	status, host := answer.Status, l.url.Host
	o := outcome{resp: answer, again: againAfter(status), after: retryAfter(answer.Header), burden: burdenOf(status, v.message)}
	switch {
	case l.session == nil && l.url == q.url:
		o.resp = nil
		o.err = fmt.Errorf("%s answered %d %s", host, status, statusText(status))
	case l.session == nil:
		o.resp = nil
		o.err = fmt.Errorf("%s redirects to %s, which answered %d", q.url.Host, host, status)
	case status == http.StatusProxyAuthRequired || status == http.StatusForbidden && fromProxy(answer.Header):
		o.err = &Failure{Host: host, Status: status, Message: "a proxy on the way refused the request" + quoted(v.message)}
	case status/100 == 4 && status != http.StatusTooManyRequests:
		return refused(q, answer, v)
	default:
		o.err = &Failure{Host: host, Status: status, Message: v.message}
		o.gone = sessionGone(status, v.class, v.message)
		o.unsure = status/100 == 5
	}
	return o
}

// refused is the outcome of a request that Workfront does not want to do.
func refused(q *call, answer *Response, v verdict) outcome {
	refusal := &Refusal{Status: answer.Status, Class: v.class, Message: cmp.Or(v.message, statusText(answer.Status))}
	if answer.Status == http.StatusGone {
		refusal.Message += "; " + explainGone(q.url.Path, time.Now())
	}
	refusal.SessionGone = sessionGone(refusal.Status, refusal.Class, refusal.Message)
	return outcome{resp: answer, err: refusal, gone: refusal.SessionGone, burden: burdenOf(refusal.Status, v.message)}
}

// fromProxy tells an answer that a proxy made itself, as far as it says so (RFC 9209; Squid).
func fromProxy(h http.Header) bool {
	return h.Get("Proxy-Status") != "" || h.Get("Proxy-Authenticate") != "" || h.Get("X-Squid-Error") != ""
}

// loginPage is the outcome of a request that was led to a page to sign in at, instead of an answer.
func loginPage(answer *Response) outcome {
	answer.Body.Close()
	answer.Body = http.NoBody
	return outcome{
		resp: answer,
		err:  &Refusal{Status: answer.Status, Message: "you are not logged in: a sign-in page came instead of an answer", SessionGone: true},
		gone: true,
	}
}

// readWhole reads r as far as its bound and tells whether that was all. size is what is expected, if positive; an answer that is no
// good has a smaller bound.
func readWhole(r io.Reader, size int64, good bool) (body []byte, whole bool, err error) {
	most := int64(maxWhole)
	if !good {
		most = maxRefusal
	}
	var b bytes.Buffer
	b.Grow(int(min(max(size, 512)+bytes.MinRead, most)))
	_, err = b.ReadFrom(io.LimitReader(r, most))
	return b.Bytes(), int64(b.Len()) < most, cutAfter(b.Len(), err)
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
			_, bare, _ := strings.Cut(v, " ") // without its scheme
			for _, secret := range [...]string{v, bare} {
				if secret != "" {
					message = strings.ReplaceAll(message, secret, "***")
				}
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
