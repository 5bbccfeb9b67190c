package workfront

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// twoHeaders are Credentials that do not travel as a sessionID.
type twoHeaders struct{ renewed bool }

func (h *twoHeaders) Header(context.Context) (http.Header, error) {
	return http.Header{"Authorization": {"Bearer " + canary}, "X-Gw-Ims-Org-Id": {"canary-org"}}, nil
}

func (h *twoHeaders) Renew(context.Context, http.Header) (http.Header, error) {
	h.renewed = true
	return http.Header{"Authorization": {"Bearer " + canary + "2"}, "X-Gw-Ims-Org-Id": {"canary-org"}}, nil
}

// Whatever headers the credentials are, they go to the origin alone, are renewed as a sessionID is, and stand in no message.
func TestCredentialsOfAnyHeader(t *testing.T) {
	t.Parallel()
	url, leaked := elsewhere(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "content") })
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("Authorization")
		switch {
		case r.Header.Get("x-gw-ims-org-id") != "canary-org" || r.Header.Get("sessionID") != "":
			t.Errorf("%s with %v", r.URL, r.Header)
		case r.URL.Path == "/internal/document/download":
			http.Redirect(w, r, url+"/file", http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/proj/count") && token == "Bearer "+canary+"2":
			io.WriteString(w, `{"data":{"count":1}}`)
		default:
			w.WriteHeader(401)
			io.WriteString(w, `{"error_code":"401013","message":"`+strings.TrimPrefix(token, "Bearer ")+` of canary-org is not valid, `+token+`"}`)
		}
	})
	h := &twoHeaders{}
	c.Credentials = h
	r, err := c.Do(t.Context(), Request{Path: "/internal/document/download"})
	if err != nil {
		t.Fatal(err)
	}
	if s := body(t, r); s != "content" || len(*leaked) != 0 || h.renewed {
		t.Errorf("%q, and elsewhere went %q", s, *leaked)
	}
	if r, err = c.Do(t.Context(), Request{Path: "proj/count"}); err != nil || !h.renewed {
		t.Fatal(err)
	}
	if s := body(t, r); s != `{"data":{"count":1}}` {
		t.Errorf("got %q", s)
	}
	_, err = c.Do(t.Context(), Request{Path: "proj/search"})
	refusal, ok := err.(*Refusal)
	if !ok || !refusal.SessionGone || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "*** of *** is not valid") {
		t.Errorf("%v", err)
	}
}
