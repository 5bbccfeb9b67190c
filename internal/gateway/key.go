package gateway

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"math"
	"strings"
)

// keyBits is what a key must have, so that nobody on this machine guesses it however fast the gateway answers.
const keyBits = 256

// NewKey makes a key. It consists of what needs no escaping anywhere.
func NewKey() string {
	var random [keyBits / 8]byte
	rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// The errors of [ParseKey]. None repeats the key.
var (
	errKeyShort   = errors.New("it has less than 256 bits: 64 hexadecimal digits are enough, or 43 letters and digits of both cases")
	errKeyLetters = errors.New("a key is one line of letters, digits, - and _")
	errKeyRepeats = errors.New("it repeats itself, and can be guessed")
)

// leastDistinct is how many different characters a random key has at least, but for one in 10^18.
const leastDistinct = 8

// ParseKey reads a key that somebody else has made.
func ParseKey(text string) (string, error) {
	var digits, lower, upper, marks int
	distinct := map[rune]bool{}
	for _, r := range text {
		distinct[r] = true
		switch {
		case '0' <= r && r <= '9':
			digits++
		case 'a' <= r && r <= 'z':
			lower++
		case 'A' <= r && r <= 'Z':
			upper++
		case r == '-' || r == '_':
			marks++
		default:
			return "", errKeyLetters
		}
	}
	// What it is made of tells how much each character can say.
	alphabet := 64.0
	switch {
	case strings.Trim(text, "0123456789abcdef") == "" || strings.Trim(text, "0123456789ABCDEF") == "":
		alphabet = 16
	case marks == 0 && (lower == 0 || upper == 0):
		alphabet = 32
	}
	switch {
	case float64(len(text))*math.Log2(alphabet) < keyBits:
		return "", errKeyShort
	case len(distinct) < leastDistinct:
		return "", errKeyRepeats
	}
	return text, nil
}
