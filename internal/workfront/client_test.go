package workfront

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "canary-session-0001"

var errLogin = errors.New("log in again")

// sessions are Credentials that hand out the given sessionIDs one after the other.
type sessions struct {
	mu       sync.Mutex
	ids      []string
	renewals int
}

func (s *sessions) Header(context.Context) (http.Header, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return http.Header{"Sessionid": {s.ids[0]}}, nil
}

func (s *sessions) Renew(_ context.Context, stale http.Header) (http.Header, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewals++
	if s.ids[0] == stale.Get("sessionID") { // else another request has renewed it
		if len(s.ids) == 1 {
			return nil, errLogin
		}
		s.ids = s.ids[1:]
	}
	return http.Header{"Sessionid": {s.ids[0]}}, nil
}

// tenant is a client of a server that answers with handler.
func tenant(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &Client{Origin: parse(t, s.URL), Version: "v22.0", Credentials: &sessions{ids: []string{canary}}, Transport: transport}
}

// memory is a client of a server without a socket, for tests in a synctest bubble.
func memory(t *testing.T, rt roundTripper) *Client {
	t.Helper()
	return &Client{Origin: parse(t, "https://acme.my.workfront.com"), Version: "v22.0", Credentials: &sessions{ids: []string{canary}}, Transport: rt}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// reply is an answer in memory.
func reply(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// body reads an answer to its end.
func body(t *testing.T, r *Response) string {
	t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDo(t *testing.T) {
	t.Parallel()
	var accepted, got []string
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.RequestURI+" "+r.Header.Get("sessionID")+" "+r.Header.Get("User-Agent"))
		w.Header().Set("X-Test", "1")
		io.WriteString(w, `{"data":[ {"ID":"a", "n":1.50} ]}`)
	})
	c.Accepted = func(h http.Header) { accepted = append(accepted, h.Get("sessionID")) }
	r, err := c.Do(t.Context(), Request{Path: "proj/search?$$LIMIT=3", Fields: []Field{{"name", "a&b=ü"}}})
	if err != nil {
		t.Fatal(err)
	}
	if s := body(t, r); s != `{"data":[ {"ID":"a", "n":1.50} ]}` || r.Status != 200 || r.Proto != "HTTP/1.1" || r.Header.Get("X-Test") != "1" {
		t.Errorf("answer %d %s %v %s", r.Status, r.Proto, r.Header, s)
	}
	want := "GET /attask/api/v22.0/proj/search?%24%24LIMIT=3&name=a%26b%3D%C3%BC " + canary + " wfauth"
	if len(got) != 1 || got[0] != want {
		t.Errorf("sent %q, want %q", got, want)
	}
	if len(accepted) != 1 || accepted[0] != canary {
		t.Errorf("accepted %q", accepted)
	}
}

func TestRenew(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(http.ResponseWriter){
		"401":         func(w http.ResponseWriter) { w.WriteHeader(401) },
		"401 as HTML": func(w http.ResponseWriter) { http.Error(w, "<html><title>No</title>", 401) },
		"200 with the exception": func(w http.ResponseWriter) {
			io.WriteString(w, `{"error":{"class":"com.attask.common.AuthenticationException","message":"x"}}`)
		},
		"400 with the text": func(w http.ResponseWriter) {
			w.WriteHeader(400)
			io.WriteString(w, `{"error":{"message":"You are not currently logged in."}}`)
		},
		"422 with the other text": func(w http.ResponseWriter) {
			w.WriteHeader(422)
			io.WriteString(w, `{"error":{"error":"Invalid session ID.","class":"x","attributes":{}}}`)
		},
		"a redirect to the login page": func(w http.ResponseWriter) {
			w.Header().Set("Location", "/login?next=x")
			w.WriteHeader(302)
		},
		"a redirect to another page": func(w http.ResponseWriter) {
			w.Header().Set("Location", "/sso")
			w.WriteHeader(302)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests int
			c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/sso":
					io.WriteString(w, "<!doctype html><title>Sign in</title>")
				case r.Header.Get("sessionID") == "fresh":
					requests++
					form, _ := io.ReadAll(r.Body)
					io.WriteString(w, `{"data":"`+r.Method+string(form)+`"}`)
				default:
					requests++
					refuse(w)
				}
			})
			s := &sessions{ids: []string{canary, "fresh"}}
			var accepted string
			c.Credentials, c.Accepted = s, func(h http.Header) { accepted += h.Get("sessionID") }
			r, err := c.Do(t.Context(), Request{Path: "proj/a", Method: "PUT", Fields: []Field{{"name", "x"}}})
			if name == "a redirect to another page" {
				// What a changing request became is not known, so it is told and not repeated.
				if err == nil || requests != 1 || s.renewals != 0 {
					t.Fatalf("err %v, %d requests, %d renewals", err, requests, s.renewals)
				}
				r, err = c.Do(t.Context(), Request{Path: "proj/a"})
				requests--
			}
			if err != nil {
				t.Fatal(err)
			}
			if b := body(t, r); b != `{"data":"PUTname=x"}` && b != `{"data":"GET"}` {
				t.Errorf("body %s", b)
			}
			if s.renewals != 1 || requests != 2 || accepted != "fresh" {
				t.Errorf("%d renewals, %d requests, accepted %q", s.renewals, requests, accepted)
			}

			// The next session is refused too: once is enough.
			c.Credentials = &sessions{ids: []string{"second", "third", "fourth"}}
			requests = 0
			r, err = c.Do(t.Context(), Request{Path: "proj/a"})
			refusal, ok := errors.AsType[*Refusal](err)
			if !ok || !refusal.SessionGone || r == nil || requests != 2 {
				t.Fatalf("%v, response %v, %d requests", err, r, requests)
			}
			r.Body.Close()

			// Nothing to renew with: the error of the credentials is the answer.
			c.Credentials = &sessions{ids: []string{"b"}}
			if r, err := c.Do(t.Context(), Request{Path: "proj/a"}); r != nil || err != errLogin {
				t.Errorf("response %v, error %v", r, err)
			}
		})
	}
}

func TestRefusalLeavesTheSession(t *testing.T) {
	t.Parallel()
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(403)
		io.WriteString(w, `{"error":{"message":"no access for `+r.Header.Get("sessionID")+`"}}`)
	})
	r, err := c.Do(t.Context(), Request{Path: "note/1", Method: "delete"})
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok || refusal.Status != 403 || refusal.SessionGone || c.Credentials.(*sessions).renewals != 0 {
		t.Fatalf("%#v", err)
	}
	if strings.Contains(err.Error(), canary) {
		t.Errorf("the message holds the session: %s", err)
	}
	if s := body(t, r); !strings.Contains(s, "no access") {
		t.Errorf("body %q", s)
	}
}

func TestPipeIsSentOnce(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{401: errPiped.Error(), 429: " answered 429 too many requests"} {
		var bodies []string
		c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			bodies = append(bodies, r.Header.Get("Content-Type")+" "+string(b))
			w.WriteHeader(status)
		})
		s := &sessions{ids: []string{canary, "fresh"}}
		c.Credentials = s
		pipe := io.MultiReader(strings.NewReader(`{"name":`), strings.NewReader(`"x"}`))
		r, err := c.Do(t.Context(), Request{Path: "proj?a=b", Input: pipe, Fields: []Field{{"c", "d"}}})
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%d: %v", status, err)
		}
		if r != nil {
			r.Body.Close()
		}
		if len(bodies) != 1 || bodies[0] != `application/json {"name":"x"}` {
			t.Errorf("%d: received %q", status, bodies)
		}
		// The session is renewed all the same, or the next run would meet the dead one again.
		if (status == 401) != (s.renewals == 1) {
			t.Errorf("%d: %d renewals", status, s.renewals)
		}
	}
}

func TestFileIsSentAgain(t *testing.T) {
	t.Parallel()
	var got []string
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.Header.Get("Content-Length")+" "+string(b))
		if r.Header.Get("sessionID") == canary {
			w.WriteHeader(401)
		}
	})
	c.Credentials = &sessions{ids: []string{canary, "fresh"}}
	file := strings.NewReader(`#{"name":"x"}`)
	file.ReadByte()
	r, err := c.Do(t.Context(), Request{Path: "proj", Input: file})
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if want := `POST 12 {"name":"x"}`; len(got) != 2 || got[0] != want || got[1] != want {
		t.Errorf("received %q", got)
	}
}
