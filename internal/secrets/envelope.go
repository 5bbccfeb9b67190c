package secrets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// envelopeVersion is written into every value. A later layout gets another
// number, so that an older wfauth refuses it instead of misreading it.
const envelopeVersion = 1

// An envelope is what one store item holds. The generation and the identity
// travel with the payload, so that no copy can be told apart from its age, and
// no sealed file from its key.
type envelope struct {
	Version    int             `json:"v"`
	Generation uint64          `json:"generation"`
	Identity   string          `json:"identity,omitempty"` // absent in a sealed file
	Payload    json.RawMessage `json:"payload,omitempty"`  // absent also in generation 0, that of a login which has begun
	Sealed     bool            `json:"sealed,omitempty"`   // the payload is too large for the store and rests in the sealed file
}

// whole says whether the payload is there, or is known to be elsewhere.
func (e envelope) whole() bool { return (len(e.Payload) == 0) == (e.Sealed || e.Generation == 0) }

func (e envelope) encode() ([]byte, error) {
	if !e.whole() {
		return nil, errors.New("the payload is empty")
	}
	e.Version = envelopeVersion
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		// encoding/json quotes what it chokes on, which could be a secret.
		return nil, errors.New("the payload is not JSON")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// decodeEnvelope reads what encode wrote. Its errors quote nothing of raw.
func decodeEnvelope(raw []byte) (envelope, error) {
	var e envelope
	err := json.Unmarshal(raw, &e)
	switch {
	case err == nil && e.Version > envelopeVersion:
		return envelope{}, fmt.Errorf("written by a newer wfauth (layout %d)", e.Version)
	case err != nil, e.Version != envelopeVersion, !e.whole():
		return envelope{}, errors.New("damaged, or not written by wfauth")
	}
	return e, nil
}

// isIdentity says whether text has the form of an age identity; whether it is one, only making a key of it tells.
func isIdentity(text string) bool {
	return len(text) == 74 && strings.HasPrefix(text, "AGE-SECRET-KEY-1")
}
