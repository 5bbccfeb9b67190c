package workfront

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Subscription is one to the events of an object type (event-subs-api). Its API has no version, and is for administrators.
type Subscription struct {
	ID              string          `json:"id,omitempty"`
	ObjCode         string          `json:"objCode"`
	EventType       string          `json:"eventType"`
	ObjID           string          `json:"objId,omitempty"` // "": of all objects
	URL             string          `json:"url"`
	AuthToken       string          `json:"authToken,omitempty"` // a secret; what the server shows of it is masked
	Filters         json.RawMessage `json:"filters,omitempty"`
	FilterConnector string          `json:"filterConnector,omitempty"`
	Shown           jsontext.Value  `json:"-"` // as the server shows it
}

// Same says whether two subscriptions bring the same events to the same place.
func (s Subscription) Same(o Subscription) bool {
	return s.ObjCode == o.ObjCode && s.EventType == o.EventType && s.ObjID == o.ObjID && s.URL == o.URL && bytes.Equal(canonical(s.Filters), canonical(o.Filters))
}

// canonical is a list of filters as two that say the same have it. An empty one is none.
func canonical(filters json.RawMessage) []byte {
	v := jsontext.Value(bytes.Clone(filters))
	if len(v) == 0 || v.Canonicalize() != nil || v.Kind() == 'n' || string(v) == "[]" {
		return nil
	}
	return v
}

const (
	subscriptionsPath  = "/attask/eventsubscription/api/v1/subscriptions"
	subscriptionsLimit = 1000 // of one page
)

// Subscriptions are all of them. How an answer calls its list, and how it says that it is the last, is not documented: it is the one
// array of objects in it, and pages are asked for until one brings nothing new.
func (c *Client) Subscriptions(ctx context.Context) (all []Subscription, err error) {
	seen := map[string]bool{}
	for page := 1; ; page++ {
		body, err := c.subscriptions(ctx, Request{Path: subscriptionsPath, Fields: []Field{{"page", strconv.Itoa(page)}, {"limit", strconv.Itoa(subscriptionsLimit)}}})
		if refusal, ok := errors.AsType[*Refusal](err); ok && page > 1 && !refusal.SessionGone {
			return all, nil // there is no such page
		}
		if err != nil {
			return nil, err
		}
		rows, ok := listOf(body)
		if !ok {
			return nil, errors.New("the answer has no list of event subscriptions")
		}
		before := len(all)
		for _, row := range rows {
			s, err := parseSubscription(row)
			if err != nil {
				return nil, err
			}
			if !seen[s.ID] {
				seen[s.ID] = true
				all = append(all, s)
			}
		}
		if len(all) == before || len(rows) < subscriptionsLimit && slices.Contains([]int{len(all), 0}, totalOf(body)) {
			return all, nil
		}
	}
}

// totalOf is how many there are in all, where an answer tells; else -1.
func totalOf(body []byte) int {
	var answer struct {
		Total *int `json:"total_count"`
		Meta  struct {
			Total *int `json:"total_count"`
		}
	}
	switch err := json.Unmarshal(body, &answer); {
	case err != nil:
	case answer.Total != nil:
		return *answer.Total
	case answer.Meta.Total != nil:
		return *answer.Meta.Total
	}
	return -1
}

// listOf finds the array of objects in an answer, or the empty one.
func listOf(body []byte) (rows []json.RawMessage, found bool) {
	if json.Unmarshal(body, &rows) == nil && rows != nil {
		return rows, true
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return nil, false
	}
	for _, v := range object {
		var inner []json.RawMessage
		if json.Unmarshal(v, &inner) != nil || inner == nil {
			continue
		}
		if len(inner) > 0 && jsontext.Value(inner[0]).Kind() != '{' {
			continue
		}
		if found = true; len(inner) > 0 {
			return inner, true
		}
	}
	if data, ok := object["data"]; ok && !found {
		return listOf(data)
	}
	return nil, found
}

func parseSubscription(shown []byte) (Subscription, error) {
	var s Subscription
	if err := json.Unmarshal(shown, &s); err != nil || s.ID == "" {
		return s, errors.New("the answer holds an event subscription that cannot be read")
	}
	s.Shown = bytes.Clone(shown)
	return s, nil
}

// Subscription is one of them.
func (c *Client) Subscription(ctx context.Context, id string) (Subscription, error) {
	body, err := c.subscriptions(ctx, Request{Path: subscriptionsPath + "/" + url.PathEscape(id)})
	if err != nil {
		return Subscription{}, err
	}
	if data := (struct{ Data json.RawMessage }{}); json.Unmarshal(body, &data) == nil && data.Data != nil {
		body = data.Data
	}
	return parseSubscription(body)
}

// Subscribe makes one, and gives its ID. The answer may hold it, or only its address.
func (c *Client) Subscribe(ctx context.Context, s Subscription) (id string, err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	answer, err := c.Do(ctx, Request{Method: http.MethodPost, Path: subscriptionsPath, Input: bytes.NewReader(text)})
	if answer != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", &MaybeDoneError{err}
	}
	var made struct{ ID string }
	_ = json.Unmarshal(body, &made) // it may be empty
	if made.ID == "" {
		if at, err := url.Parse(answer.Header.Get("Location")); err == nil && at.Path != "" {
			made.ID = path.Base(at.Path)
		}
	}
	if answer.Status != http.StatusCreated || made.ID == "" {
		return "", &MaybeDoneError{fmt.Errorf("the answer to a new event subscription has the status %d and no ID", answer.Status)}
	}
	return made.ID, nil
}

// Unsubscribe ends one.
func (c *Client) Unsubscribe(ctx context.Context, id string) error {
	_, err := c.subscriptions(ctx, Request{Method: http.MethodDelete, Path: subscriptionsPath + "/" + url.PathEscape(id)})
	return err
}

// subscriptions sends a request and reads its answer whole.
func (c *Client) subscriptions(ctx context.Context, r Request) ([]byte, error) {
	answer, err := c.Do(ctx, r)
	if answer != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(answer.Body)
}

// IsSubscriptionID says whether a text can be an ID of a subscription: nothing that would lead elsewhere.
func IsSubscriptionID(text string) bool {
	return text != "" && len(text) <= 128 && strings.Trim(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}
