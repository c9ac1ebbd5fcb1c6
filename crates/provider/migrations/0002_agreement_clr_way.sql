-- 清算方式: how the agreement says that stays are paid (40 DRG, 50 DIP, 1 by item); empty is the
-- region's usual way.
ALTER TABLE provider_agreement ADD COLUMN clr_way TEXT NOT NULL DEFAULT ''
