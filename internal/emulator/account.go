package emulator

import (
	"encoding/json"
	"fmt"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// accountInfo is what /session tells. Members and their order are those of the recorded answers.
type accountInfo struct {
	UserID             string             `json:"userID"`
	SessionID          string             `json:"sessionID"`
	VersionInformation versionInformation `json:"versionInformation"`
	Locale             string             `json:"locale"`
	TimeZone           string             `json:"timeZone"`
	TimeZoneName       string             `json:"timeZoneName"`
	ISO3Country        string             `json:"iso3Country"`
	ISO3Language       string             `json:"iso3Language"`
	Currency           currency           `json:"currency"`
	UserCompanyID      *string            `json:"userCompanyID"`
	IsAdmin            bool               `json:"isAdmin"`
	CustomerID         string             `json:"customerID"`
	TenantID           string             `json:"tenantID"`
	HasInsightsAccess  bool               `json:"hasInsightsAccess"`
}

type versionInformation struct {
	CurrentAPI  string            `json:"currentAPI"`
	BuildNumber string            `json:"buildNumber"`
	APIVersions map[string]string `json:"apiVersions"`
	LastUpdated string            `json:"lastUpdated"`
	Release     string            `json:"release"`
	Version     string            `json:"version"`
}

type currency struct {
	UseNegativeSign   bool   `json:"useNegativeSign"`
	FractionDigits    int    `json:"fractionDigits"`
	Symbol            string `json:"symbol"`
	ID                string `json:"ID"`
	GroupingSeparator string `json:"groupingSeparator"`
	DecimalSeparator  string `json:"decimalSeparator"`
}

func (c *call) session(dst []byte) ([]byte, error) {
	versions := make(map[string]string)
	for v := oldestVersion; v <= currentVersion; v++ {
		versions[fmt.Sprintf("v%d.0", v)] = fmt.Sprintf("/attask/api/v%d.0/", v)
	}
	text, err := json.Marshal(accountInfo{
		UserID:    c.userID,
		SessionID: c.sessionID,
		VersionInformation: versionInformation{
			CurrentAPI:  fmt.Sprintf("v%d.0", currentVersion),
			APIVersions: versions,
			LastUpdated: "2026/05/08 09:00:00",
			Release:     "emulator",
			Version:     "4.0",
		},
		Locale: "en_US", TimeZone: objectstore.TimeZone, TimeZoneName: objectstore.TimeZoneName,
		ISO3Country: "USA", ISO3Language: "eng",
		Currency:   currency{FractionDigits: 2, Symbol: "$", ID: "USD", GroupingSeparator: ",", DecimalSeparator: "."},
		IsAdmin:    c.userID == c.tenant.people[0].ID,
		CustomerID: c.tenant.customerID(),
		TenantID:   c.tenant.customerID(),
	})
	return append(dst, text...), err
}

func (c *call) info(dst []byte) ([]byte, error) {
	dst = append(dst, `{"sso":{"ssoType":null,"providerURL":null,"providerPort":0,"signoutURL":null},"versions":[`...)
	for v := oldestVersion; v <= currentVersion; v++ {
		if v > oldestVersion {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, `"v%d.0"`, v)
	}
	return append(dst, "]}"...), nil
}

// logout ends the session that asks for it.
func (c *call) logout(dst []byte) ([]byte, error) {
	c.tenant.mu.Lock()
	defer c.tenant.mu.Unlock()
	c.tenant.counts.Revoked++
	delete(c.tenant.grants.sessions, c.sessionID)
	return append(dst, `{"success":true}`...), nil
}

func (t *Tenant) customerID() string { return t.store.CustomerID() }
