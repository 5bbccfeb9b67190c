package workfront

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Versions of the API are supported for three years. Adobe's own announcements go before that rule where they differ from it.
const supportYears = 3

// release is a version of the API, as published by Adobe.
type release struct {
	version  int
	released time.Time
	until    time.Time // support ended, if not by the rule
}

// releases are the versions that are still answered, oldest first.
func releases() []release {
	month := func(year int, m time.Month) time.Time { return time.Date(year, m, 1, 0, 0, 0, 0, time.UTC) }
	return []release{
		{15, time.Time{}, time.Date(2025, time.December, 18, 0, 0, 0, 0, time.UTC)},
		{16, month(2023, time.May), time.Time{}},
		{17, month(2023, time.October), time.Time{}},
		{18, month(2024, time.April), time.Time{}},
		{19, month(2024, time.October), time.Time{}},
		{20, month(2025, time.May), time.Time{}},
		{21, time.Date(2025, time.October, 23, 0, 0, 0, 0, time.UTC), time.Time{}},
		{22, time.Date(2026, time.May, 8, 0, 0, 0, 0, time.UTC), time.Time{}},
	}
}

// removed is when the versions before the first of releases were taken away.
const removed = "2025-09-30"

func (r release) end() time.Time {
	if !r.until.IsZero() {
		return r.until
	}
	return r.released.AddDate(supportYears, 0, 0)
}

func (r release) String() string { return fmt.Sprintf("v%d.0", r.version) }

// RemovedVersionError is a version of the API that Workfront no longer has.
type RemovedVersionError struct {
	Version   string
	Supported []string // oldest first
}

func (e *RemovedVersionError) Error() string {
	return fmt.Sprintf("API %s was removed on %s; supported are %s", e.Version, removed, strings.Join(e.Supported, ", "))
}

// CheckVersion tells how a version of the API, as "v22.0", stands at a time: with a warning in one line if it is past its support, and
// with a [*RemovedVersionError] if it is gone. One that is newer than this program is taken for good.
func CheckVersion(version string, now time.Time) (warning string, err error) {
	number, ok := strings.CutPrefix(version, "v")
	n, bad := strconv.Atoi(strings.TrimSuffix(number, ".0"))
	if !ok || bad != nil {
		return "", nil // not one of the numbered
	}
	all := releases()
	if n < all[0].version {
		return "", &RemovedVersionError{version, supported(now)}
	}
	for _, r := range all {
		if r.version == n && !now.Before(r.end()) {
			return fmt.Sprintf("API %s is out of support since %s and may be removed; supported are %s",
				version, r.end().Format(time.DateOnly), strings.Join(supported(now), ", ")), nil
		}
	}
	return "", nil
}

// supported lists the versions in support. The newest is always one of them: of later ones this program cannot know.
func supported(now time.Time) []string {
	var names []string
	all := releases()
	for i, r := range all {
		if i == len(all)-1 || now.Before(r.end()) {
			names = append(names, r.String())
		}
	}
	return names
}

// explainGone says what a status 410 is about, which in the official description is a version that has lost what was asked for.
func explainGone(path string, now time.Time) string {
	version, _, _ := strings.Cut(strings.TrimPrefix(path, apiRoot+"/"), "/")
	warning, err := CheckVersion(version, now)
	if err != nil {
		return err.Error()
	}
	return cmp.Or(warning, fmt.Sprintf("API %s has no such object or action any more; supported are %s", version, strings.Join(supported(now), ", ")))
}
