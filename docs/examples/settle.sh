#!/bin/sh
# Settles one outpatient visit through the national interface, with nothing but curl:
# 9001 sign-in, 2201 registration, 2203 visit, 2204 fee lines, 2206 trial, 2207 settlement.
#
#   docs/examples/settle.sh PORT [PSN_NO]
#
# PORT    where `heng serve` or `heng demo` listens on this machine
# PSN_NO  人员编号 of an insured employee; HENG_PERSON says the same
#
# On this machine messages need no signature. To sign them as x-tif does, give a registered
# key: HENG_PAASID=… HENG_SECRET=… (needs sha256sum). HENG_HOSPITAL names another hospital,
# HENG_TIME ("2026-03-09 10:00:00") another moment than now. HENG_UPTO=2206 stops after the
# trial and prints the visit, for a 2207 of your own.
set -eu

port=${1:?"usage: $0 PORT [PSN_NO]"}
person=${2:-${HENG_PERSON:-99990000000001}}
hospital=${HENG_HOSPITAL:-H99990000001}
now=${HENG_TIME:-$(date '+%Y-%m-%d %H:%M:%S')}
url="http://127.0.0.1:$port/fsi/api/rsfComIfsService/callService"
run=$(date '+%H%M%S')$$
serial=0
sign_no=

# send INFNO INPUT: posts one message and leaves the answer in $answer.
send() {
    serial=$((serial + 1))
    message=$(printf '{"infno":"%s","msgid":"%s%s%04d","mdtrtarea_admvs":"999900","insuplc_admdvs":"999900","recer_sys_code":"99","infver":"V1.0","opter_type":"1","opter":"001","opter_name":"收费员","inf_time":"%s","fixmedins_code":"%s","fixmedins_name":"医院","sign_no":"%s","input":%s}' \
        "$1" "$hospital" "$run" "$serial" "$now" "$hospital" "$sign_no" "$2")
    set -- "$1"
    if [ -n "${HENG_PAASID:-}" ]; then
        stamp=$(date '+%s')
        nonce=$run$serial
        signature=$(printf '%s%s%s%s' "$stamp" "$HENG_SECRET" "$nonce" "$stamp" | sha256sum)
        set -- "$1" -H "x-tif-paasid: $HENG_PAASID" -H "x-tif-timestamp: $stamp" -H "x-tif-nonce: $nonce" \
            -H "x-tif-signature: ${signature%% *}"
    fi
    infno=$1
    shift
    answer=$(curl -sS --noproxy '*' "$@" -H 'content-type: application/json' --data-binary "$message" "$url")
    printf '%s → %s\n\n' "$infno" "$answer"
    case $answer in
    '{"infcode":0,'*) ;;
    *) exit 1 ;;
    esac
}

# field NAME: the text of that field in the answer.
field() {
    rest=${answer#*"\"$1\":\""}
    printf '%s' "${rest%%\"*}"
}

send 9001 '{"signIn":{"opter_no":"001","mac":"02-00-00-00-00-01","ip":"127.0.0.1"}}'
sign_no=$(field sign_no)

send 2201 "$(printf '{"data":{"psn_no":"%s","insutype":"310","begntime":"%s","mdtrt_cert_type":"02","mdtrt_cert_no":"1","ipt_otp_no":"EX%s","atddr_no":"D999900000001","dr_name":"杜思芳","dept_code":"001","dept_name":"呼吸内科","caty":"A03.01"}}' \
    "$person" "$now" "$run")"
visit=$(field mdtrt_id)

send 2203 "$(printf '{"mdtrtinfo":{"mdtrt_id":"%s","psn_no":"%s","med_type":"11","begntime":"%s"},"diseinfo":[{"diag_type":"1","diag_srt_no":1,"diag_code":"J06.900","diag_name":"急性上呼吸道感染","diag_dept":"001","dise_dor_no":"D999900000001","dise_dor_name":"杜思芳","diag_time":"%s","vali_flag":"1"}]}' \
    "$visit" "$person" "$now" "$now")"

# line NUMBER ITEM COUNT PRICE AMOUNT
line() {
    printf '{"feedetl_sn":"%s","mdtrt_id":"%s","psn_no":"%s","chrg_bchno":"B1","rx_circ_flag":"0","fee_ocur_time":"%s","med_list_codg":"%s","medins_list_codg":"%s","cnt":%s,"pric":%s,"det_item_fee_sumamt":%s,"bilg_dept_codg":"001","bilg_dept_name":"呼吸内科","bilg_dr_codg":"D999900000001","bilg_dr_name":"杜思芳","hosp_appr_flag":"1"}' \
        "$1" "$visit" "$person" "$now" "$2" "$2" "$3" "$4" "$5"
}
send 2204 "{\"feedetail\":[$(line 1 HZR001 1 25.00 25.00),$(line 2 HZD001 2 12.50 25.00),$(line 3 HZS001 5 100.00 500.00)]}"

bill=$(printf '{"data":{"psn_no":"%s","mdtrt_cert_type":"02","mdtrt_cert_no":"1","psn_cert_type":"01","certno":"1","psn_type":"11","psn_name":"参保人","med_type":"11","medfee_sumamt":550.00,"psn_setlway":"01","mdtrt_id":"%s","chrg_bchno":"B1","acct_used_flag":"1","insutype":"310","fulamt_ownpay_amt":0,"overlmt_selfpay":0,"preselfpay_amt":0,"inscp_scp_amt":550.00}}' \
    "$person" "$visit")
send 2206 "$bill"
if [ "${HENG_UPTO:-}" = 2206 ]; then
    printf 'visit: %s\n' "$visit"
    exit 0
fi
send 2207 "$bill"
printf 'settled: %s\n' "$(field setl_id)"
