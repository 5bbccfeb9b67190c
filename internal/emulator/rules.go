package emulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Rule is a fault that stands until it is taken away: KIND[:CONDITION…], as in 429:every=5, cut:p=0.1, latency=200ms:path=/attask/api.
type Rule struct {
	Kind    Fault
	Latency time.Duration // of FaultDelay
	Every   int           // each so many requests; 0 means each
	P       float64       // by chance; 0 means always
	Times   int           // and then no more; 0 means for ever
	Path    string        // what the path of a request begins with; "" means the API, /attask/
}

// ruleKinds are the faults that a rule can be of, by their names.
var ruleKinds = [...]Fault{
	FaultTooMany, FaultUnavailable, FaultBadGateway, FaultUnauthorized, FaultLoggedOut, FaultMaintenance, FaultDrop, FaultLose, FaultCut,
}

// RuleForms says what a rule can be, for those who give a wrong one.
const RuleForms = "429, 503, 502, 401, logged-out, maintenance, drop, lose, cut or latency=200ms, " +
	"and after it :every=5, :p=0.1, :times=3 and :path=/attask/api"

// ParseRule reads a rule. Its errors say what is wrong, and not what would be right: see [RuleForms].
func ParseRule(text string) (Rule, error) {
	var r Rule
	kind, conditions, _ := strings.Cut(text, ":")
	if value, ok := strings.CutPrefix(kind, "latency="); ok {
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 || d > time.Hour {
			return Rule{}, fmt.Errorf("latency=%s is no length of time up to an hour", value)
		}
		r.Kind, r.Latency = FaultDelay, d
	} else if r.Kind = Fault(kind); !slices.Contains(ruleKinds[:], r.Kind) {
		return Rule{}, fmt.Errorf("%q is no fault", kind)
	}
	if conditions == "" && strings.HasSuffix(text, ":") {
		return Rule{}, fmt.Errorf("nothing stands after the colon")
	}
	seen := map[string]bool{}
	for condition := range strings.SplitSeq(conditions, ":") {
		if conditions == "" {
			break
		}
		name, value, _ := strings.Cut(condition, "=")
		if seen[name] {
			return Rule{}, fmt.Errorf("%s stands twice", name)
		}
		seen[name] = true
		if err := r.set(name, value); err != nil {
			return Rule{}, err
		}
	}
	return r, nil
}

func (r *Rule) set(name, value string) (err error) {
	switch name {
	case "every", "times":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return fmt.Errorf("%s=%s is no number from 1", name, value)
		}
		if name == "every" {
			r.Every = n
		} else {
			r.Times = n
		}
	case "p":
		r.P, err = strconv.ParseFloat(value, 64)
		if err != nil || !(r.P > 0 && r.P <= 1) {
			return fmt.Errorf("p=%s is no number above 0, up to 1", value)
		}
	case "path":
		if !strings.HasPrefix(value, "/") {
			return fmt.Errorf("path=%s does not begin with /", value)
		}
		r.Path = value
	default:
		return fmt.Errorf("%q is no condition", name)
	}
	return nil
}

// String is the text that [ParseRule] reads.
func (r Rule) String() string {
	text := string(r.Kind)
	if r.Kind == FaultDelay {
		text = "latency=" + r.Latency.String()
	}
	for _, c := range []struct {
		given bool
		text  string
	}{
		{r.Every > 0, ":every=" + strconv.Itoa(r.Every)},
		{r.P > 0, ":p=" + strconv.FormatFloat(r.P, 'g', -1, 64)},
		{r.Times > 0, ":times=" + strconv.Itoa(r.Times)},
		{r.Path != "", ":path=" + r.Path},
	} {
		if c.given {
			text += c.text
		}
	}
	return text
}

// standing is a rule that stands, with what has come of it.
type standing struct {
	Rule
	id   int
	seen int // requests that it is about
	hits int // of these, how many it has harmed
}

// strikes counts a request, and says whether the rule harms it; chance gives a number below 1.
func (s *standing) strikes(path string, chance func() float64) bool {
	prefix := s.Path
	if prefix == "" {
		prefix = "/attask/"
	}
	if !strings.HasPrefix(path, prefix) || s.Times > 0 && s.hits >= s.Times {
		return false
	}
	s.seen++
	if s.Every > 0 && s.seen%s.Every != 0 || s.P > 0 && chance() >= s.P {
		return false
	}
	s.hits++
	return true
}

// AddRule has a rule stand from the next request on, and gives its number.
func (t *Tenant) AddRule(r Rule) int { return t.faults.add(r) }

// RemoveRule takes a rule away, and says whether it stood; 0 means all of them.
func (t *Tenant) RemoveRule(id int) bool { return t.faults.remove(id) }

func (j *injector) add(r Rule) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rules++
	j.standing = append(j.standing, &standing{Rule: r, id: j.rules})
	return j.rules
}

func (j *injector) remove(id int) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	before := len(j.standing)
	j.standing = slices.DeleteFunc(j.standing, func(s *standing) bool { return id == 0 || s.id == id })
	return len(j.standing) < before
}

func (j *injector) list() []standing {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := make([]standing, len(j.standing))
	for i, s := range j.standing {
		all[i] = *s
	}
	return all
}
